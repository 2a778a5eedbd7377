gateway-none = 此项目没有网关；`backstay gateway enable` 可将其打开
gateway-runs = { $name } 已运行 { $since }
gateway-seconds = { $count } 秒
gateway-minutes = { $count } 分钟
gateway-hours = { $count } 小时
gateway-days = { $count } 天
gateway-stopped = { $name } 未运行：它占用的主机端口无人应答
gateway-start = docker start { $name }
gateway-port = 端口
gateway-inside = 内部 { $port }
gateway-service = 服务
gateway-speaks = 模式
gateway-connections = 连接数
gateway-container = 容器
gateway-requests = 请求
gateway-errors = 失败
gateway-streams = 流（当前）
gateway-times = P50 / P99
gateway-bytes = 入 / 出
gateway-nobody = 无
gateway-former = { $name }（旧）
gateway-held = { $service } 请求等待中：{ $count } 个
gateway-gap-hands = 主机端口交接时无人应答。此项目上一次用了 { $ms } 毫秒。
gateway-gap-swap = 主机端口交接时无人应答。此项目上一次替换容器用了 { $ms } 毫秒，交接所需时间与此相近。
gateway-gap-unknown = 主机端口交接时无人应答。此项目尚未测量过所需时间：从旧容器停止到新容器应答为止。
gateway-addresses = 服务看到的客户端地址将是网关的地址；HTTP 请求的真实地址在 X-Forwarded-For 中。
ask-gateway-enable = 打开网关？
ask-gateway-disable = 关闭网关？
step-gateway-file = 写入 { $path }，使服务不再占用主机端口
step-routes = 让网关通向现有的容器和端口: { $services }
step-make-gateway = 创建网关容器（不启动）
step-switch-gateway-on = 由网关接管主机端口
step-switch-gateway-off = 网关交还主机端口
done-gateway-on = 网关已接管主机端口
done-gateway-off = 网关已交还主机端口
gateway-refused = 无法打开网关；未做任何改动
gateway-no-place = 项目的文件是逐个指定的，或已有您自己的 override 文件：`docker compose` 不会自动读取另一个文件
hint-gateway-no-place = 新建文件 `{ $name }`，内容为 `services: {"{}"}`，把它列为最后一个文件（`-f`，或 `.env` 中的 COMPOSE_FILE），然后重试；此后您自己的命令也要列出它
gateway-no-service = 没有名为 `{ $service }` 的服务
gateway-no-port = `{ $service }` 没有在项目网络上发布单个 TCP 端口
gateway-nothing = 没有服务在项目网络上发布单个 TCP 端口
gateway-old-compose = Compose { $found } 无法移除服务的端口；需要 { $needed } 或更高版本
hint-gateway-old-compose = 请更新 Compose 插件
hint-gateway-services = `docker compose config` 显示各服务发布的端口
gateway-upgraded = 网关已换用版本 { $version }
note-visitors = { $failed ->
    [0] 经过网关：{ $came } 个请求和连接，无失败
   *[other] 经过网关：{ $came } 个请求和连接，{ $failed } 个失败或被切断
}
note-visitors-held = ，{ $held } 个曾短暂等待
drift-gateway = 网关没有占用 { $ports }：那里无人应答；`backstay deploy` 可将其恢复
step-switch-back = 让网关先通向仍在运行的旧容器，直到恢复的容器接管: { $services }
done-switch-back = 该版本已由仍在运行的旧容器重新提供服务: { $services }
note-kept-warm = 旧容器保留到 { $until }，在此之前 `{ $command }` 可立即切回: { $services }
plan-warm = 旧容器此后保留 { $seconds } 秒：在此期间回滚只需切回
status-warm = { $release } 的旧容器保留到 { $until }，没有流量通向它们: { $services }。`{ $command }` 可切回
down-outlook = 将移除 { $containers } 个容器和 { $networks } 个网络。
down-volumes = 以下数据卷连同其中所有数据将被移除：{ $volumes }。
ask-down = 移除整个项目？
down-done = 项目已移除。{ $kept ->
    [0] 没有保留任何版本。
   *[other] 保留了 { $kept } 个版本：`backstay deploy` 可恢复项目，`backstay rollback` 可恢复较早的版本。
}
