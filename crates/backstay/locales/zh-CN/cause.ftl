# 运行失败的原因。

failed-build = 镜像构建失败
failed-build-of = { $service } build error
failed-pull = 镜像拉取失败
failed-image-missing = 镜像不存在
failed-create = 容器创建失败
failed-services = 部分服务启动失败
failed-unreachable = 网关无法连接到服务
failed-mismatch = 实际运行的内容与预期不符
failed-interrupted = 运行被中断
failed-crashed = 上一次运行中途终止
failed-disk-full = 磁盘空间不足
failed-files = 文件读写失败
failed-engine = Docker 拒绝了操作
failed-gateway-program = 网关程序不存在或无法使用

cause-start = 容器无法启动
cause-hook = 钩子命令失败：{ $message }
cause-port-taken = 主机端口已被占用
cause-out-of-memory = 容器因内存不足被终止
cause-exited-zero = 容器本应持续运行，却已退出 (退出码 0)
cause-exited = 容器已退出，退出码 { $code }
cause-restarting = 容器已重启 { $restarts } 次，最近一次退出码 { $code }
cause-restarting-unknown = 容器自行退出，已重启 { $restarts } 次
cause-unhealthy = 健康检查未通过 (unhealthy)
cause-never-healthy = 健康检查在 { $waited } 秒内始终未通过；按其设置，应在 { $expected } 秒后健康 (start_period + interval × retries)
cause-never-healthy-hint = 如果启动确实需要更长时间: 将健康检查的 `start_period` 设为至少 { $period }s，或使用 `--wait-timeout { $timeout }` 延长等待
cause-check-missing = 镜像中没有健康检查所用的命令: 请改用镜像中已有的命令，或将其加入镜像
cause-needs = 它可能需要 { $services }，但没有等待其就绪: 请为 { $services } 配置健康检查，并在 depends_on 中设置 `condition: service_healthy`
cause-probe = 健康检查 `{ $check }` 未通过: { $message }
cause-deadline = 等待 { $seconds } 秒后仍未就绪
cause-follow = 无法让它重新查找被替换服务的地址: { $message }
cause-unreachable = 网关发往 { $services } 的数据无法到达。同一网络中的容器必须能够互相访问: 请检查 com.docker.network.bridge.enable_icc: "false" 以及容器之间的防火墙规则，或者不启用网关
cause-vanished = 容器已不存在，被其他人移除
cause-gateway-program = 已查找: { $places }

failure-message = 详细信息:
failure-output = 最后的输出:
failure-logs = { $container } 最后的日志:
failure-health = { $container } 健康检查的最后输出:
