# 运行中的钩子命令。

step-hook = 运行钩子 { $hook }（{ $place }）
hook-on-host = 在主机上
hook-inside = 在 { $service } 的容器中
hook-beside = 在 { $service } 的单独容器中
plan-afterwards = 运行结束之后：
plan-afterwards-undone = { $step }（仅在运行被撤销或回滚之后）
done-hook = 钩子 { $hook } 已运行

note-no-hooks = 未运行钩子 (--no-hooks)：{ $hooks }
note-hook-left-out = 已跳过钩子 { $hook }：{ $service } 尚未运行
note-hook-runs = 正在运行钩子 { $hook } ...
note-hook-failed = 钩子 { $hook } 失败，不影响结果：{ $why }
note-hook-undone = 已撤销钩子 { $hook }
note-hook-stays = 钩子 { $hook } 已运行且无法撤销：它没有 `undo`

failed-hook = 钩子失败
hook-off = { $service } 没有运行中的容器
hook-exit = 以退出码 { $code } 结束
hook-exit-unknown = 结束时没有退出码
hook-late = { $seconds } 秒后仍未完成，已终止（`timeout`）
