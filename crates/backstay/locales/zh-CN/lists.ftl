# 列表：备份、单个备份、状态、提问。

backups-available = 可用的备份：
updates-available = 可用的更新备份：
updates-services = 服务: { $services }
updates-path = 路径: { $path }
updates-unknown = 未记录
backups-current = 当前运行: { $release }
backups-none = 暂无备份。
backups-runs-now = 当前运行的版本
backups-plain = 由旧脚本创建
backups-damaged = 已损坏: { $problem }
backups-removed = 已删除 { $folder }
backups-would-remove = 将删除 { $folder }
backups-pinned = 已固定
backups-size = { $own }
backups-size-shared = { $own }，另共享 { $shared }
backups-now-pinned = { $folder } 已固定，不会被自动清理
backups-now-unpinned = { $folder } 未固定
backups-verified = 已读取 { $backups } 个备份、{ $journals } 个日志、{ $images } 个镜像
backups-sound = 全部与记录一致
backups-damage-hint = 其他备份仍可恢复。删除损坏的备份: backstay backups remove <目录>
backups-nothing-to-remove = 没有需要删除的备份。

origin-deploy = 由部署产生
origin-update = 由更新产生
origin-adopted = 按实际运行状态记录

show-release = 版本
show-made = 创建时间
show-origin = 来源
show-project = 项目
show-folder = 目录
show-profiles = Profiles
show-services = 服务:
show-containers = { $count } 个容器
show-files = 文件:
show-file-absent = { $path }（该版本不使用此文件）
show-file-outside = { $path }（不在项目目录内）
show-file-compared = { $path }（只核对，不写入）
show-folder-kept = { $path }（目录）
show-folder-data = { $path }（服务可写的目录：不保存）
show-folder-not-kept = { $path }（目录：不保存）

status-project = 项目: { $project }
status-release = 版本: { $release }（创建于 { $created }）
status-no-release = 版本: 尚无记录
status-damaged = 版本: 其记录已损坏
status-nothing-runs = 没有运行中的服务。
status-service = 服务
status-container = 容器
status-image = 镜像
status-state = 状态
status-no-drift = 实际运行的内容与该版本一致
status-interrupted = 运行 { $run } 曾被中断：使用 `backstay recover` 完成或撤销

state-created = 已创建
state-running = 运行中
state-paused = 已暂停
state-restarting = 正在重启
state-exited = 已退出
state-dead = 已失效
state-restarts = 重启 { $count } 次
health-starting = 健康状态未知
health-healthy = 健康
health-unhealthy = 不健康

drift-not-recorded = 该项目不是由 Backstay 部署的，首次 `backstay deploy` 会记录其状态
drift-missing = { $service } 的容器数量少于该版本
drift-extra = { $service } 正在运行，但不属于该版本
drift-image = { $container } 运行的镜像与该版本不同
drift-definition = { $container } 的定义与该版本不同
drift-unwell = { $container } 不正常: { $state }
drift-stopped = { $container } 已停止
drift-tag = { $reference } 指向的镜像与该版本不同
drift-file = { $path } 已被修改：下次部署将使用其当前内容

ask-backup = 请选择要回滚的备份编号 (1-{ $count }):
ask-rollback-services = 确认将 { $services } 回滚到 { $release }？[y/N]
ask-leave-files-these = 该版本中的以下内容与现在不同且无法恢复:
ask-leave-files = 仍要回滚，并让它们保持现状？[y/N]
ask-rollback = 确认回滚到 { $release }？[y/N]
ask-remove = 确认删除 { $folders }？[y/N]
not-a-choice = `{ $answer }` 不是 1 到 { $count } 之间的编号
init-written = 已写入 { $file }
init-nothing = 脚本已存在，无需写入。
recover-nothing = 没有被中断的运行，无需恢复。
