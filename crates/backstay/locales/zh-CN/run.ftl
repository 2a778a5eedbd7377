# 屏幕上的一次运行：各个阶段、服务的动作、备注、结束语。

phase-check = 检查 Docker 环境
phase-backup = 创建备份
phase-environment = 配置环境变量
phase-certificate = 配置 SSL 证书
phase-data-directories = 创建数据目录
phase-plan = 制定计划
phase-images = 构建 Docker 镜像
phase-services = 启动服务
phase-restore-files = 恢复配置文件
phase-check-images = 检查镜像
phase-update = 更新服务
phase-restore-images = 恢复镜像
phase-verify = 验证

services-waiting = 等待服务启动...
files-unchanged = 配置文件与该版本一致，无需改动
services-started = 服务启动成功
service-rehearsing = { $service }: 正在旧容器旁启动新容器
service-waiting = { $service }: 等待就绪 ({ $ready }/{ $of })
service-switching = { $service }: 正在切换
service-removing = { $service }: 正在移除
service-completed = { $service } 已执行完毕
service-live = { $service } 启动成功
services-live = { $count } 个服务启动成功: { $names }
service-restored = 已恢复 { $service }

note-engine-ready = Docker { $engine }，Compose { $compose }
note-first-deployment = 当前没有运行中的服务，无需备份
note-backup-made = 已备份到 { $folder }
note-no-backup = 未保留备份 (--no-backup)：本次运行结束后将无法手动回滚到当前状态
note-adopted = 该项目此前不是由 Backstay 部署的，已记录其容器的实际运行状态
note-record-damaged = 当前运行状态的记录已损坏，已重新记录实际运行的内容: { $problem }
note-adopted-differs = { $service } 实际运行的内容与文件不一致，已按实际运行状态记录
note-up-to-date = 所有服务均为最新，无需变更
note-recovered-forward = 上次中断的运行 { $run } 已完成收尾
note-recovered-back = 上次中断的运行 { $run } 已撤销
note-recovered-stuck = 上次中断的运行 { $run } 未能完全撤销
note-skipped = 已跳过 ({ $flag })
note-no-certificate = 未配置证书
note-file-outside = { $path } 不在项目目录内且与该版本不同，保持原样
note-file-restored = 已恢复 { $path }
note-image-not-kept = 备份中没有 { $service } 的镜像，使用 { $reference } 目前指向的镜像
note-failure-tolerated = { $service } 的部分容器失败，但模型允许 (max_failure_ratio 或 failure_action)
note-check-out-of-reach = 跳过 { $service } 的健康检查 `{ $check }`: { $reason }
note-image-loaded = 已从备份加载镜像 { $image }
note-images-present = 镜像已存在
note-pruned = 已清理旧备份 { $release }
note-not-as-before = 实际运行的内容与运行前不同:
note-cleanup-failed = 未能清理: { $message }

done-build = 已构建 { $services }
done-pull = 已拉取 { $services }
done-rehearse = 新容器已通过检查，运行中的服务未受影响
done-bake = 观察期内运行稳定
done-remove = 已移除 { $services }
done-start = 已启动 { $services }

end-deployed = 部署成功！
end-updated = 更新成功！
end-rolled-back = 回滚成功！
end-undone = 回滚完成
end-stuck = 回滚未完成，需要人工处理
end-as-before = 已验证: 之前运行的 { $count } 个服务均照常运行
end-nothing-as-before = 已验证: 与运行前一样，没有运行中的服务
end-verified = 已验证: { $count } 个服务均符合预期 (用时 { $seconds } 秒)
end-verified-nothing = 已验证: 没有运行中的服务 (用时 { $seconds } 秒)
