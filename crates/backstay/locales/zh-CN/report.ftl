# `report` 写入的内容。

report-written = 已写入 { $path }（{ $size }），仅当前用户可读
report-written-in-folder = 已写入 { $path }（{ $size }），可读取该目录的用户均可读取
report-versions = 操作系统和各组件版本
report-doctor = `backstay doctor` 的检查结果
report-info = Docker 的自身信息
report-model = Compose 解析后的项目
report-containers = 各容器的状态
report-logs = 容器的最后日志
report-listing = 备份目录清单：名称、大小、权限、时间
report-journal = 一次运行的运行日志
report-release = 一个版本的记录
report-errors = 未能获取的内容
report-redacted = 环境变量文件、环境变量、密钥、配置和构建参数中的值，无论出现在何处，均已替换为 [redacted]。
report-look = 转交之前请先查看：日志中可能含有程序无法识别的机密。
