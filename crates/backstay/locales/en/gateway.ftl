gateway-none = this stack has no gateway; `backstay gateway enable` turns it on
gateway-runs = { $name } has run for { $since }
gateway-seconds = { $count } s
gateway-minutes = { $count } min
gateway-hours = { $count } h
gateway-days = { $count } d
gateway-stopped = { $name } does not run: nobody answers on its host ports
gateway-start = docker start { $name }
gateway-port = PORT
gateway-inside = { $port } inside
gateway-service = SERVICE
gateway-speaks = MODE
gateway-connections = OPEN
gateway-container = CONTAINER
gateway-requests = REQUESTS
gateway-errors = FAILED
gateway-streams = STREAMS (OPEN)
gateway-times = P50 / P99
gateway-bytes = IN / OUT
gateway-nobody = nobody
gateway-former = { $name }, former
gateway-held = { $service } is held: { $count } wait
gateway-gap-hands = When the host ports change hands, nobody answers on them. The last time on this stack that took { $ms } ms.
gateway-gap-swap = When the host ports change hands, nobody answers on them. The last swap of a container of this stack took { $ms } ms, which is about what that takes.
gateway-gap-unknown = When the host ports change hands, nobody answers on them. How long that takes has not been measured on this stack: until the old container has stopped and the new one answers.
gateway-addresses = Services see the gateway's address as that of their clients; over HTTP the real one is in X-Forwarded-For.
ask-gateway-enable = Turn the gateway on?
ask-gateway-disable = Turn the gateway off?
step-gateway-file = write { $path }, which takes host ports from services
step-routes = let the gateway lead to the containers and ports that are there: { $services }
step-make-gateway = create the gateway, without starting it
step-switch-gateway-on = let the gateway take the host ports over
step-switch-gateway-off = let the gateway give the host ports back
done-gateway-on = The gateway holds the host ports
done-gateway-off = The gateway has given the host ports back
gateway-refused = the gateway can't be turned on; nothing has been changed
gateway-no-place = the stack's files are named one by one, or there is an override file of yours: plain `docker compose` would not read another one
hint-gateway-no-place = make a file `{ $name }` that says `services: {"{}"}`, name it as the last one (`-f`, or COMPOSE_FILE in `.env`), and repeat; from then on name it in your own commands too
gateway-no-service = there is no service `{ $service }`
gateway-no-port = `{ $service }` publishes no single TCP port on a network of the stack
gateway-nothing = no service publishes a single TCP port on a network of the stack
gateway-old-compose = Compose { $found } can't take ports from a service; it has to be { $needed } or newer
hint-gateway-old-compose = update the Compose plugin
hint-gateway-services = `docker compose config` shows what each service publishes
gateway-upgraded = The gateway goes on as version { $version }
note-visitors = { $failed ->
    [0] Through the gateway: { $came } requests and connections, none failed
   *[other] Through the gateway: { $came } requests and connections, { $failed } failed or were cut
}
note-visitors-held = {", "}{ $held } waited for a while
drift-gateway = the gateway does not hold { $ports }: nobody answers there; `backstay deploy` brings it back
step-switch-back = let the gateway lead to the old containers that are still up, until the restored ones take over: { $services }
done-switch-back = The release serves again from its old containers, which were still up: { $services }
note-kept-warm = The old containers stay up until { $until }, so that `{ $command }` is a switch back: { $services }
plan-warm = its old containers stay up for { $seconds } s afterwards: a rollback by then is a switch back
status-warm = Old containers of { $release } are up until { $until }, and nobody is led to them: { $services }. `{ $command }` switches back to them
down-outlook = { $containers } containers and { $networks } networks go.
down-volumes = With all data in them, these volumes go: { $volumes }.
ask-down = Take the stack down?
down-done = The stack is down. { $kept ->
    [0] No release is kept.
    [one] One release is kept: `backstay deploy` brings the stack back.
   *[other] { $kept } releases are kept: `backstay deploy` brings the stack back, `backstay rollback` an earlier release.
}
