# 命令行本身。

usage-heading = 用法:
usage-commands = 命令
usage-command = 命令
usage-options = 选项
usage-some-options = {"["}选项]
usage-arguments = 参数
usage-global-options = 全局选项

usage-unknown = 未知参数 `{ $argument }`
usage-unknown-command = 没有 `{ $command }` 命令
usage-no-value = `{ $argument }` 需要一个值
usage-bad-value = `{ $value }` 不是 `{ $argument }` 的有效值
usage-missing = 缺少参数: { $argument }
usage-conflict = `{ $argument }` 不能与 `{ $other }` 同时使用
usage-no-command = 需要指定一个命令
usage-too-many = `{ $argument }` 的值 `{ $value }` 多余
hint-duration = 时长写作 `90s`、`1m30s` 或 `1h`；单独的数字表示秒
hint-similar = 您是否想输入 `{ $name }`？
hint-valid-values = 可用的值: { $values }
hint-help = 使用 `backstay --help` 查看命令和选项
usage-needs-yes = 没有可以询问的终端：使用 `--yes` 可跳过确认
usage-needs-release = 没有可以询问的终端：请指定版本，或使用 `--yes` 回滚到上一个正常版本
usage-unknown-service = 没有服务 { $services }
usage-no-services = 没有可更新的服务：没有带 build 的服务，也没有指定服务
hint-known-services = 可用的服务: { $services }
init-others = 已有同名的其他文件: { $files }；未写入任何文件
hint-init-force = 使用 `--force` 覆盖
signal-first = 正在停止...
signal-again = 仍在撤销，请稍候，此过程不能跳过
