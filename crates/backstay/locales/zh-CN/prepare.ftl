# 部署的第 3 至 5 步：`.env`、证书、数据目录；以及 `backstay cert`。

note-environment-created = 已使用 { $template } 创建 .env
note-environment-replaced = 已使用 { $template } 替换 .env
note-environment-kept = 保留现有的 .env
note-no-environment = 该项目没有 .env
note-certificate-made = 已创建 { $files } (有效期至 { $date })
note-certificate-kept = 保留现有的 { $path } (有效期至 { $date })
note-certificate-unread = 保留现有的 { $path }
note-certificate-found = { $path }: { $finding }
note-certificate-password = 证书密码含有非 ASCII 字符：Java 无法用它打开 PFX 文件
note-directory-created = 已创建 { $path }
note-directories-present = 挂载的目录均已存在
note-directory-not-writable = { $service } 以用户 { $user } 运行，无法写入 { $path }: `sudo chown { $user } { $path }`
note-directory-left = 当前用户无法创建 { $path }，交由 Docker 创建
note-directory-is-file = { $service } 作为目录挂载的 { $path } 是一个文件

found-expired = 已于 { $date } 过期
found-not-yet-valid = 在 { $date } 之前尚未生效
found-ends-soon = 将于 { $date } 过期，剩余 { $days } 天
found-name = 不适用于 { $name }
found-key-missing = 没有对应的私钥
found-key-mismatch = 私钥属于另一个证书
found-unreadable = 无法读取: { $problem }

step-environment = 使用 { $template } 作为 .env
step-certificate = 写入证书: { $files }
step-directories = 创建目录: { $paths }
undo-file-removed = 已删除本次运行创建的 { $path }
plan-open = { $template } 就位后才能确定其余步骤。

ask-create-env = 没有 .env，是否使用 { $template } 创建？[Y/n]
ask-replace-env = .env 与 { $template } 不同，是否替换？[y/N]
ask-replace-certificate = 是否用新证书替换 { $path }？[y/N]
ask-password = PFX 文件的密码:
ask-password-again = 请再次输入:

usage-env-missing = 没有可以询问的终端，且没有 .env：使用 `--yes` 可用 { $template } 创建，使用 `--skip-env` 可不创建而继续
usage-env-differs = 没有可以询问的终端，且 .env 与 { $template } 不同：使用 `--yes` 或 `--skip-env` 可保留，使用 `--env { $name } --yes` 可替换
usage-unknown-template = 没有模板 .env.{ $name }
hint-known-templates = 可用的模板: { $names }
hint-no-templates = 请将模板放在 compose 文件旁: .env.{ $name }
usage-env-with-env-file = `--env` 针对 .env，而 `--env-file` 或 COMPOSE_ENV_FILES 指定了其他文件时不会读取 .env

variables-missing = 必需的变量没有值；未做任何改动
variable-missing = { $name } ({ $file } 要求)
variable-missing-why = { $name } ({ $file } 要求: { $why })
hint-variables-missing = 请在 `{ $file }` 中为其设置值

certificate-failed = 无法创建或读取证书
hint-certificate-failed = 请更正 compose 文件中的 `x-backstay.certificate`，或使用 `--skip-cert` 跳过证书
certificate-no-password = 未设置证书密码：变量 { $variable } 没有值
hint-certificate-no-password = 请在 `.env` 或环境变量中设置 { $variable }，或使用 `--skip-cert` 跳过证书
cert-not-configured = 该项目未配置证书
hint-cert-not-configured = 请指定文件：`--path ./cert/name.pfx`，或 compose 文件中的 `x-backstay.certificate.path`
cert-missing = 没有证书 `{ $path }`
hint-cert-missing = 使用 `backstay cert create` 创建
cert-there = 以下文件已存在: { $files }；未写入任何文件
hint-cert-force = 使用 `--force` 覆盖
cert-passwords-differ = 两次输入的密码不一致；未写入任何文件
cert-written = 已写入 { $file }
cert-good = { $path } 有效期至 { $date }
cert-not-good = { $path } 已失效或即将失效

cert-subject = 主题
cert-names = 名称
cert-issuer = 颁发者
cert-self-signed = 自签名
cert-valid = 有效期
cert-from-to = { $from } 至 { $to }
cert-fingerprint = SHA-256
cert-key = 私钥
cert-key-matches = 有
cert-key-missing = 无
cert-key-mismatch = 属于另一个证书
cert-key-unchecked = 有，但其类型无法比对
