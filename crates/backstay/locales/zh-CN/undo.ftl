# 撤销一次运行。

undo-begins-deploy = 部署失败，开始回滚...
undo-begins-update = 更新失败，开始回滚...
undo-begins-rollback = 回滚失败，正在恢复到回滚前的状态...
undo-reason = 原因: { $reason }
undo-part = 回滚 { $number }/{ $of }
undo-files = 恢复配置文件
undo-containers = 清理失败的容器
undo-services = 尝试恢复旧服务
undo-update-images = 恢复服务镜像
undo-update-services = 重启服务
undo-image-untouched = 已恢复 { $service } 镜像（本次运行未改动）
undo-service-untouched = 已恢复 { $service }（旧容器一直在运行）
undo-running = 正在回滚
undo-file-restored = 已恢复 { $path }
undo-file-unchanged = 已恢复 { $path }（本次运行未改动）
undo-created = 已清理失败的容器
undo-created-nothing = 已清理失败的容器（未创建新容器）
undo-tags = 镜像标签已还原
undo-services-restored = 已恢复旧服务
undo-services-untouched = 已恢复旧服务（旧服务一直在运行）
undo-services-none = 本次运行之前没有服务
undo-failed = 未能撤销: { $step }: { $error }
undo-resumed = 正在撤销被中断的运行...
undo-failed-unknown = 未能撤销: 第 { $number } 步: { $error }
undo-backup = 已删除本次备份 .backup/{ $folder }：其内容与运行中的版本相同
