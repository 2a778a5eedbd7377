# `doctor` 的检查结果。

doctor-checking = 正在检查...
doctor-engine = { $version }（API { $api }），地址 { $host }
doctor-engine-context = { $version }（API { $api }），地址 { $host }，context { $context }
doctor-compose = Docker Compose { $version }
doctor-compose-newer = Docker Compose { $version } 比 Backstay 测试过的最新版本 { $tried } 更新
doctor-hint-compose-newer = 首次使用该版本时请留意结果；其新增的配置项会被按名称拒绝
doctor-buildx = buildx { $version }
doctor-no-buildx = 未安装 buildx：Docker 用它构建镜像
doctor-hint-buildx = 安装软件包 `docker-buildx-plugin` 或 `docker-buildx`；Docker Desktop 自带
doctor-no-stack = 这里没有 compose 文件：只检查本机
doctor-stack = 项目 { $project }：{ $count } 个服务，来自 { $files }
doctor-stack-unread = 未读取项目：需要 Docker Compose

doctor-running = 有运行正在进行：`{ $command }`，主机 { $host } 上的进程 { $pid }，开始于 { $since }
doctor-no-run = 没有未结束的运行
doctor-interrupted = 运行 { $run } 曾被中断
doctor-hint-interrupted = 下一次运行会完成或撤销它；`backstay recover` 可立即处理
doctor-stuck = 运行 { $run } 未能全部撤销，需要人工处理
doctor-hint-stuck = `backstay recover` 会再次尝试，并列出需要人工执行的命令

doctor-space = { $path } 剩余空间 { $free }
doctor-space-unknown = 无法得知 { $path } 的剩余空间：{ $error }

doctor-ports = 主机端口空闲或由本项目占用：{ $ports }
doctor-no-ports = 该项目不占用主机端口
doctor-container-of = 项目 { $project } 的容器 `{ $container }`
doctor-process = 进程 { $pid }（`{ $command }`）
doctor-hint-process = 停止进程 { $pid }，或在 compose 文件中改用其他端口
doctor-process-of = 用户 id 为 { $user } 的进程

doctor-permissions = 需要写入的目录均可写，且其他用户无法读取
doctor-not-writable = 当前用户无权写入：
doctor-open-modes = 备份中有 { $count } 项可被其他用户访问
doctor-hint-open-modes = 备份中含有密码：`chmod -R { $who }= '{ $path }'`
doctor-and-more = 另有 { $count } 项

doctor-clock = 本机时钟与 Docker 一致
doctor-clock-alone = 本机时钟不早于任何版本
doctor-clock-engine = Docker 的时钟与本机相差 { $seconds } 秒
doctor-clock-release = 本机时钟偏慢：最新版本创建于 { $made }
doctor-hint-clock = 校准时钟，例如 `timedatectl set-ntp true`；休眠过的 Docker Desktop 需要重启

doctor-backups = { $count } 个备份，连同镜像共 { $size }
doctor-backup-damaged = 备份 { $folder } 已损坏：{ $problem }
doctor-hint-backup-damaged = 其他备份仍可恢复；`backstay backups remove` 可删除此备份
doctor-backup-incomplete = 备份 { $folder } 无法恢复：有 { $count } 个镜像既不在 Docker 中，也不在镜像库中
doctor-hint-backup-incomplete = 重新载入这些镜像本身（`docker load`），或删除该备份

doctor-registry = { $registry } 可用，响应时间 { $millis } 毫秒
doctor-registry-by-mirror = { $registry } 无响应；其镜像源 { $mirror } 可用，响应时间 { $millis } 毫秒
doctor-registry-missed = 无法连接到 { $registry }
doctor-registry-status = { $registry } 返回 { $status }，不像镜像仓库
doctor-registry-untrusted = { $registry } 的证书不受本机信任
doctor-hint-untrusted = 将其 CA 证书交给 Docker：`/etc/docker/certs.d/{ $registry }/ca.crt`
doctor-registry-unknown = Docker 未给出其地址
doctor-registry-needed = 以下镜像需要它：{ $images }
doctor-registry-not-needed = 来自该仓库的镜像均已在本机
doctor-hint-slow = 响应较慢：拉取和构建会花较长时间
doctor-hint-mirrors = 可在 Docker 的 `daemon.json` 中用 `registry-mirrors` 配置镜像源，或配置代理：https://docs.docker.com/engine/daemon/proxy/
doctor-hint-other-registry = `registry-mirrors` 只对 { $default } 有效：{ $registry } 需在 `FROM` 或 `image` 中改用其镜像地址，或为 Docker 配置代理：https://docs.docker.com/engine/daemon/proxy/
doctor-hint-local-registry = 启动监听 { $registry } 的镜像仓库
doctor-mirror = 镜像源 { $mirror } 可用，响应时间 { $millis } 毫秒
doctor-mirror-missed = 无法连接到镜像源 { $mirror }
doctor-mirror-status = 镜像源 { $mirror } 返回 { $status }，不像镜像仓库
doctor-hint-other-mirror = 换用其他镜像源

doctor-bad-mirrors = `x-backstay.registry-mirrors` 不是地址列表：{ $problem }
mirror-scheme = 镜像源须以 `https://` 或 `http://` 开头
mirror-host = 镜像源须有主机名
mirror-rest = 镜像源不能带用户名、查询参数或片段
doctor-mirrors-there = `daemon.json` 中已有这些镜像源。
doctor-would-change = `{ $path }` 将改为：
doctor-written = 已写入 { $path }
doctor-copy = 原文件保存为 { $path }
doctor-how-to-fix = 加上 `--fix` 再次运行 `backstay doctor` 即可写入。不会重启 Docker。
doctor-no-mirrors = 未指定镜像源：使用 `--mirror URL`，或写在 compose 文件的 `x-backstay.registry-mirrors` 中。之后会显示 `daemon.json` 的改动，加 `--fix` 才写入。
doctor-mirrors-serve-default = 镜像源只对默认仓库有效。
doctor-restart-system = Docker 启动时读取该文件：`sudo systemctl restart docker`。除非设置了 `live-restore`，容器会随之停止。
doctor-restart-rootless = Docker 启动时读取该文件：`systemctl --user restart docker`。除非设置了 `live-restore`，容器会随之停止。
doctor-restart-desktop = Docker 启动时读取该文件：Docker Desktop → Settings → Docker Engine → Apply & Restart。
doctor-engine-elsewhere = Docker 运行在 { $host }：其 `daemon.json` 不在本机
doctor-hint-elsewhere = 在那台机器上运行 `backstay doctor`，或用 `--daemon-json` 指定文件
doctor-not-json = `{ $path }` 第 { $line } 行第 { $column } 列不是有效的 JSON：{ $problem }
doctor-not-utf8 = 不是 UTF-8 编码
doctor-no-object = 不是一个对象
doctor-no-list = `registry-mirrors` 不是字符串列表
doctor-hint-not-json = 请修正该文件；文件未被改动
doctor-hint-root = 以 root 身份运行：`sudo backstay doctor --fix …`

doctor-skipped = 未检查端口、镜像和默认仓库：Docker 没有响应
doctor-all-well = 一切正常。
doctor-warnings = 没有故障；有 { $count } 项需要留意。
doctor-problems = 发现 { $count } 个问题。
