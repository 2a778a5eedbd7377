# 随版本一起保存的数据。

note-data-saved = 已保存 { $data } 的数据：{ $file }（{ $size }，{ $took } 秒）
note-no-data = 未保存数据 (--no-data)：{ $data }
note-data-absent = { $data } 的数据：目前还没有可保存的内容
data-saving = { $data }：正在保存数据，已保存 { $size }
step-save-data = 保存数据：{ $data }

failed-data-save = 数据保存失败
failed-data-restore = 数据恢复失败
data-off = { $service } 的容器未运行，无法导出数据；请先启动它，或用 `--no-data` 跳过数据
data-exit = 命令以退出码 { $code } 结束
data-exit-unknown = 命令结束时没有退出码
data-empty = 命令没有输出任何内容
data-cut = 输出缺少结尾，数据不完整
data-late = { $seconds } 秒后仍未完成（`x-backstay.data.timeout`）
data-encrypt = 负责加密的 `{ $program }`（`encrypt.command`）以退出码 { $code } 结束
data-encrypt-unknown = 负责加密的 `{ $program }`（`encrypt.command`）未能运行到结束
data-decrypt = 负责解密的 `{ $program }`（`encrypt.decrypt`）以退出码 { $code } 结束
data-decrypt-unknown = 负责解密的 `{ $program }`（`encrypt.decrypt`）未能运行到结束
data-no-decrypt = 数据已加密，但没有给出解密它的命令（`encrypt.decrypt`）
data-no-command = 没有指定相应的命令（`restore`）

data-none = 尚未保存任何数据：由 `x-backstay.data` 指定要保存的数据
data-available = 已保存的数据：

note-data-restored = 已恢复 { $data } 的数据：{ $at } 时的状态
note-data-stays = { $data } 的数据保持现状：新版本已开始写入。之前的数据保存在 .backup/{ $folder }
step-restore-data = 恢复数据：{ $data }
step-guard = 从此处起，失败时会恢复数据：{ $data }
step-open = 从此处起，新版本开始写入：{ $data }
step-resume = 再次启动 { $services }
why-stands-still = 因为在保存和更改其写入的数据期间，它必须停止
ask-rollback-data = 数据将恢复到 { $at } 时的状态，此后写入的内容不在其中。当前数据会先保存，以便撤回此操作。是否继续？

doctor-data = 服务 { $service }（{ $server }）的数据不随版本保存：回滚不会改变它
doctor-hint-data = 如需随每个版本保存，请在服务 { $service } 下加入：{ $block }（见 docs/data.md）

end-data-saved = 数据保存成功！
end-data-restored = 数据恢复成功！
undo-begins-data-save = 数据保存失败，正在恢复到之前的状态...
undo-begins-data-restore = 数据恢复失败，正在恢复到之前的状态...
ask-data-restore = 数据将恢复到 { $at } 时的状态（{ $folder }），运行的版本不变；此后写入的内容不在其中。当前数据会先保存，以便撤回此操作。是否继续？

data-verify-begins = 正在现有服务之外，使用单独的容器和数据卷恢复数据 ...
data-verify-passed = { $folder } 的数据可以恢复。恢复后就绪的服务数：{ $services }；相关容器和数据卷均已清除
data-verify-failed = { $folder } 的数据无法恢复：{ $why }
