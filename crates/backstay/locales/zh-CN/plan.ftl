# 计划：对每个服务做什么、怎么做、为什么。

plan-title = 计划（尚未做任何改动）
plan-services = 服务:
plan-steps = 步骤:
plan-nothing = 无需变更。
plan-may-change = 镜像会先构建或拉取：镜像没有变化的服务会保留原容器。
plan-shares = 期间两个容器都会写入: { $data }（`order: stop-first` 可避免）
plan-twice = 两个容器会同时运行约 { $watched } 秒
plan-twice-until = 两个容器会同时运行，直到新容器就绪（最多 { $limit } 秒）
plan-twice-asked = 两个容器会同时运行，直到新容器就绪（最多 { $limit } 秒），之后再约 { $watched } 秒
plan-only-seen = 没有可检测的内容，仅确认在运行：建议配置健康检查
plan-keeps-address = 新容器沿用原地址，因为以下服务可能只查找过一次: { $services }
plan-restarts = { $service }: { $of } 被替换后重新启动（depends_on.restart、x-backstay.follow）
plan-looks-again = { $service }: 重新查找 { $of } 的地址，不会中断
plan-kept = 保持不变: { $services }

action-keep = 保持不变
action-build-first = 先构建；镜像有变化时替换
action-add = 新增
action-replace = 替换
action-scale = 容器数量从 { $from } 调整为 { $to }
action-start = 启动
action-remove = 移除：新版本中没有该服务

action-pull-first = 先拉取；镜像有变化时替换

decided-image = 镜像变化 { $from } → { $to }，替换
method-beside = 新容器在旧容器旁启动，通过检查后接管
method-rehearsed-beside = 先用他人无法发现的副本验证，再在旧容器旁启动新容器并接管
method-rehearsed-swap = 先用副本在运行中的容器旁验证，再停止旧容器并启动新容器
method-stop-first = 先停止并保留旧容器，再启动新容器

why-host-port = 因为两个容器不能同时占用主机端口 { $port }
why-host-network = 因为它使用主机网络，两个副本会争用相同端口
why-borrows = 因为它使用 { $service } 的命名空间或数据卷
why-fixed-address = 因为它在网络 { $network } 中使用固定地址
why-order-stop-first = 因为 update_config.order 设置为 stop-first
why-infrastructure = 因为它是基础设施服务（没有 build），且 update_config.order 未设置为 start-first
why-database = 因为它的镜像 ({ $image }) 是数据库，两个进程不能共用数据
why-data = 因为它会写入 { $source }，两个进程不能共用数据（`order: start-first` 表示可以）
why-shared-volume = 因为它会写入 { $source }，而 { $service } 也在使用，其中可能有套接字或 pid 文件（`order: start-first` 表示可以）
why-image-volume = 因为镜像声明了数据卷 { $path }，两个进程不能共用数据（`order: start-first` 表示可以）
why-nobody-connects = 因为没有谁连接它，第二个容器只会把工作做两遍（`order: start-first` 可改变）
why-one-shot = 它先运行结束，等待它的服务随后启动
why-found-by-label = 因为读取标签的程序会立即发现它（标签 { $label }）
why-found-by-hostname = 因为它的主机名 { $hostname } 本身就是可访问的名称
why-found-by-variable = 因为读取 { $variable } 的代理会立即发现它
why-labels-differ = 因为标签有变化，不能同时按新旧标签转发
why-memory = 因为它还需要 { $needs } 内存，而可用内存只有 { $free }
why-no-rehearsal = 因为已关闭预演 (--no-rehearsal)
why-not-running = 因为旧容器没有在运行，不会造成中断

reason-image = 镜像从 { $from } 变为 { $to }
reason-image-open = 镜像 { $from } 将更换为尚未构建或拉取的镜像
reason-definition = 服务定义，或它使用的文件、config、secret 有变化
reason-borrows = 它使用其命名空间或数据卷的 { $service } 将被替换
reason-not-running = 容器没有在运行

step-observe = 记录当前运行的容器
step-backup = 保存当前运行状态
step-protect = 在存入镜像库之前，将 { $count } 个镜像保留在 Docker 中
step-files = 恢复该版本的文件
step-build = 构建 { $services }
step-pull = 拉取 { $services }
step-load = 从备份加载 { $count } 个镜像
step-tags = 将镜像标签指向新镜像
step-create = 为 { $services } 创建新容器（不启动）
step-rehearse = 在旧容器旁启动并检查: { $services }
step-follow = 记录需要重新查找地址的服务: { $services }
step-retire = 在替换之前停止 { $services }
step-pause = 在 { $services } 停止期间暂停
step-replace = 由新容器接管: { $services }
step-start = 启动 { $services }
step-remove = 停止并移除 { $services }
step-bake = 观察 { $services }
step-verify = 将实际运行的内容与该版本核对

plan-group = { $count } 个服务: { $names }
plan-counts = 服务: { $changed } 个有变化，{ $kept } 个保持不变
plan-kept-count = { $count } 个服务
plan-verbose = 加 --verbose 可查看每个服务的详情
reason-image-own = 镜像有变化
why-host-port-own = 因为两个容器不能同时占用同一个主机端口
names-and-more = { $names } 以及另外 { $count } 个
lines-more = … 以及另外 { $count } 个
