# 错误以及处理办法。

error-label = 错误:
hint-label = 提示:

engine-not-installed = 未安装 Docker：找不到 `docker` 程序
engine-not-running = Docker 没有运行
engine-no-permission = Docker 正在运行，但当前用户没有使用权限
engine-too-old = Docker 版本过旧
compose-missing = 未安装 Docker Compose v2 (`docker compose`)
compose-too-old = Docker Compose 版本过旧
engine-refused = Docker 拒绝了操作: { $action }
engine-port-taken = 主机端口已被占用

hint-install-linux = 使用发行版的软件包或 `curl -fsSL https://get.docker.com | sh` 安装 Docker Engine，参见 https://docs.docker.com/engine/install/
hint-install-macos = 使用 `brew install --cask docker` 安装 Docker Desktop，参见 https://docs.docker.com/desktop/
hint-install-windows = 使用 `winget install Docker.DockerDesktop` 安装 Docker Desktop，参见 https://docs.docker.com/desktop/
hint-start-linux = 使用 `sudo systemctl start docker` 启动
hint-start-macos = 使用 `open -a Docker` 启动，并等待其提示已运行
hint-start-windows = 启动 Docker Desktop，并等待其提示已运行
hint-docker-host = DOCKER_HOST 为 `{ $host }`：请确认 Docker 在该地址监听，或取消该环境变量
hint-permission-linux = 以 root 身份运行，或执行 `sudo usermod -aG docker "$USER"` 加入用户组后重新登录
hint-permission-macos = 以当前用户启动 Docker Desktop
hint-permission-windows = 将用户加入 `docker-users` 组后重新登录
hint-compose-linux = 安装插件，软件包名为 `docker-compose-plugin` 或 `docker-compose-v2`，参见 https://docs.docker.com/compose/install/linux/
hint-compose-desktop = 更新 Docker Desktop，其中自带 Docker Compose v2
hint-port = 使用 `docker ps` 查看哪个容器发布了该端口；否则是其他程序在监听
hint-port-linux = 使用 `sudo ss -ltnp 'sport = :{ $port }'` 查看谁占用了端口 { $port }
hint-port-macos = 使用 `lsof -nP -iTCP:{ $port } -sTCP:LISTEN` 查看谁占用了端口 { $port }
hint-port-windows = 使用 `netstat -ano | findstr :{ $port }` 查看谁占用了端口 { $port }
hint-port-container = 使用 `docker stop { $container }` 释放端口，或在 compose 文件中换一个端口
hint-registry = 无法从本机访问镜像仓库；可在 Docker 的 `daemon.json` 中用 `registry-mirrors` 配置镜像源

stack-not-valid = 项目的 compose 文件无效
stack-file-missing = compose 文件引用的文件不存在
hint-stack-not-valid = 使用 `docker compose config` 检查文件，不会改动任何内容
hint-stack-file-missing = 创建该文件，或更正 compose 文件中的路径
no-compose-file = 在 `{ $folder }` 及其上级目录中没有找到 compose 文件
hint-no-compose-file = 进入项目目录，或使用 `-f` 指定文件
missing-file = { $user } 指定的 `{ $file }` 不存在
hint-missing-file = 创建该文件，或更正文件名
stdin-file = 不能使用 `-f -`：每个版本都会记录其文件，而标准输入无法再次读取
hint-stdin-file = 请保存为文件后再指定
remote-file = 不能使用 `{ $file }`：每个版本都会记录其文件，而该文件不在本机
hint-remote-file = 请下载该文件后指定本地副本

locked = 该项目正在运行另一个操作: `{ $command }`，主机 { $host } 上的进程 { $pid }，开始于 { $since }
hint-locked = 请等待其完成；未做任何改动
not-ready = 当前机器不满足运行条件；未做任何改动
port-taken = 服务 { $service } 的端口 { $port } 已被{ $holder }占用
another-process = 其他进程
a-container = 容器 `{ $container }`{ " " }
disk-too-small = `{ $path }` 剩余 { $free }，至少需要 { $needed }
disk-full = 磁盘空间不足
hint-disk-full = 使用 `docker system df` 查看 Docker 占用的空间，使用 `backstay backups prune --keep-last 3` 清理旧备份
read-only = `{ $path }` 位于只读文件系统
hint-read-only = 请以可写方式挂载：备份和日志保存在 compose 文件旁
not-permitted = 没有 `{ $path }` 的访问权限
hint-not-permitted = 请以项目目录所有者的身份运行
io-failed = 文件读写失败: `{ $path }`

journal-damaged = 日志 `{ $file }` 第 { $line } 行已损坏: { $problem }
hint-journal-damaged = 将实际运行的容器 (`docker ps -a`) 与 `backstay backups` 核对，然后移走该日志
damaged = `{ $file }` 已损坏: { $problem }
hint-current-damaged = 使用 `backstay rollback <版本>` 回滚到已保留的版本，或移走 `.backup/current`，之后会重新记录实际运行的内容
linked-folder = `{ $path }` 是符号链接: 备份会写入并删除其指向位置的文件
hint-linked-folder = 请改用普通目录；如需把备份放在其他磁盘，请将其挂载到该目录
too-new = `{ $file }` 的格式版本为 { $found }，本程序最高支持 { $known }
hint-too-new = 请使用写入它的新版 Backstay
no-release = 没有备份 `{ $name }`
no-earlier-release = 没有更早的版本
hint-no-release = 使用 `backstay backups` 查看可恢复的版本
incomplete = 版本 { $release } 无法恢复，缺少:
hint-other-release = 使用 `backstay backups` 查看其他版本
protected = `{ $name }` 受保护：它是当前运行的版本或其上一个版本
hint-protected = 请先部署或回滚，之后即可删除
outside = `{ $path }` 不在 `{ $root }` 中

interrupted-early = 已中断；未做任何改动
declined = 未确认；未做任何改动
run-rolled-back = 运行失败，已撤销: { $cause }
run-interrupted = 运行被中断，已撤销
run-stuck = 运行失败，且未能完全撤销: { $cause }
hint-stuck = 请按顺序执行上面的命令；使用 `docker ps -a` 查看实际运行情况
hint-stuck-engine = Docker 曾被强行终止，仍占着实际无人使用的端口或目录；只有重启 Docker（Docker Desktop 中选 `Restart`）才能释放，其上所有容器会随之重启
hint-rolled-back = 失败的版本已全部撤销；排除原因后请重试
hint-deadline = 启动较慢时需要更多时间：`--wait-timeout 秒数`，或健康检查的 start_period
hint-out-of-memory = 请为 { $service } 分配更多内存 (`mem_limit`、`deploy.resources.limits.memory`)
