# 帮助文本。英文文本是源代码中参数的文档注释；这里的名称由命令路径和参数组成。

help = 以事务方式部署、更新和回滚 Docker Compose 项目
help--long = 每次运行结束时，要么是健康的新版本，要么与运行前完全一致。
help--version = 显示版本
help--files = Compose 文件；可多次指定
help--project-name = 项目名称
help--profiles = 启用的 profile；可多次指定
help--env-files = 代替 `.env` 的环境变量文件；可多次指定
help--project-directory = 项目目录，代替第一个 compose 文件所在的目录
help--json = 输出 JSON，每行一个对象
help--lang = 语言：`en` 或 `zh-CN`；默认取自系统区域设置
help--color = 颜色：`auto`、`always` 或 `never`
help--quiet = 只输出错误
help--verbose = 输出构建和拉取的每一行，而不只是失败时的输出
help--help = 显示帮助

help-deploy = 部署整个项目：要么新版本健康运行，要么保持原状
help-deploy--long = 所有镜像先构建、拉取并验证，之后才会触及运行中的服务。失败或按下 Ctrl-C 会撤销整次运行。
help-deploy--dry-run = 只显示计划，不做任何改动
help-deploy--no-build = 不构建，使用现有镜像
help-deploy--no-cache = 构建时不使用缓存
help-deploy--pull = 拉取更新的镜像，包括构建所用的基础镜像
help-deploy--wait-timeout = 等待服务就绪的秒数；默认由健康检查决定
help-deploy--no-rehearsal = 占用主机端口的服务不先在旧容器旁预演
help-deploy--monitor = 观察新容器的时长，如 `5s`、`1m30s`，代替 `update_config.monitor`
help-deploy--no-backup = 不保留当前版本的备份：之后将无法手动回滚
help-deploy--skip-env = 不改动环境变量文件：跳过第 3 步
help-deploy--skip-cert = 不改动证书：跳过第 4 步
help-deploy--yes = 不询问确认，与 `--force` 相同
help-deploy--keep-days = 删除早于此天数的备份；未指定时为 7 天
help-deploy--keep-last = 最多保留的备份数量

help-rollback = 回滚到保留的版本
help-rollback--long = 先恢复并验证该版本的文件、镜像和容器，之后才会触及运行中的服务。失败或按下 Ctrl-C 会撤销整次运行。未指定版本时，在终端中显示列表供选择；使用 `--yes` 则回滚到上一个正常版本。
help-rollback--release = 要回滚到的版本：名称、列表编号或备份目录的路径
help-rollback--yes = 不询问确认，与 `--force` 相同
help-rollback--dry-run = 只显示计划，不做任何改动
help-rollback--wait-timeout = 等待服务就绪的秒数；默认由健康检查决定
help-rollback--no-rehearsal = 占用主机端口的服务不先在当前容器旁预演
help-rollback--monitor = 观察容器的时长，如 `5s`、`1m30s`，代替 `rollback_config.monitor`
help-rollback--keep-days = 删除早于此天数的备份；未指定时为 7 天
help-rollback--keep-last = 最多保留的备份数量

help-backups = 列出、查看和删除备份
help-backups-list = 列出备份，最新的在前
help-backups-show = 查看一个备份：服务、镜像和文件
help-backups-show--release = 备份：名称、列表编号或备份目录的路径
help-backups-remove = 删除备份
help-backups-remove--long = 当前运行的版本及其上一个版本会保留。
help-backups-remove--releases = 备份：名称、列表编号或备份目录的路径
help-backups-remove--yes = 不询问确认，与 `--force` 相同
help-backups-prune = 清理旧备份
help-backups-prune--long = 当前运行的版本及其上一个版本始终保留。
help-backups-prune--keep-days = 删除早于此天数的备份；未指定时为 7 天
help-backups-prune--keep-last = 最多保留的备份数量
help-backups-prune--dry-run = 只显示将被删除的备份

help-status = 显示正在运行的内容、所属版本以及与该版本的差异
help-recover = 完成或撤销被强行终止的运行
help-recover--long = 下一次运行会自动处理；此命令只做这一件事。
help-version = 显示版本
