# A plan: what happens to each service, how, and why.

plan-title = Plan (nothing has been touched)
plan-services = Services:
plan-steps = Steps:
plan-nothing = Nothing has to change.
plan-may-change = Images are built or pulled first: a service whose image comes out the same keeps its containers.
plan-shares = meanwhile both write to: { $data } (`order: stop-first` avoids it)
plan-twice = two of it run at once for about { $watched } s
plan-twice-until = two of it run at once until the new one is ready (at most { $limit } s)
plan-twice-asked = two of it run at once until the new one is ready (at most { $limit } s), and for about { $watched } s more
plan-only-seen = nothing of it can be asked, so that it is only seen to run: a healthcheck tells more
plan-keeps-address = the new container takes over the address, because these may have looked it up once: { $services }
plan-restarts = { $service }: is restarted after { $of } was replaced (depends_on.restart, x-backstay.follow)
plan-looks-again = { $service }: looks up again where { $of } is, without an interruption
plan-kept = unchanged: { $services }

action-keep = stays as it is
action-build-first = is built; replaced if its image changes
action-add = is new
action-replace = is replaced
action-scale = goes from { $from } to { $to } containers
action-start = is started
action-remove = is removed: the new release does not have it

action-pull-first = is pulled; replaced if its image changes

decided-image = image changes { $from } → { $to }, is replaced
method-beside = the new container starts beside the old one and takes over when it has proved itself
method-rehearsed-beside = a twin that nobody can find proves itself first; then the new container starts beside the old one and takes over
method-rehearsed-swap = a twin proves itself beside the running container; then the old one is stopped and the new one started
method-stop-first = the old container is stopped and kept, then the new one is started

why-host-port = because two containers can't have host port { $port } at once
why-host-network = because it uses the host's network, where two copies would claim the same ports
why-borrows = because it lives in a namespace of { $service } or uses its volumes
why-fixed-address = because it has a fixed address on the network { $network }
why-order-stop-first = because update_config.order says stop-first
why-infrastructure = because it is an infrastructure service (no build section), and update_config.order does not say start-first
why-database = because its image ({ $image }) is a database's: two processes must not share its data
why-data = because it writes to { $source }: two processes must not share its data (`order: start-first` says that they may)
why-shared-volume = because it writes to { $source }, which { $service } uses too: there may be a socket or a pid file in it (`order: start-first` says that two may)
why-image-volume = because its image declares the volume { $path }: two processes must not share its data (`order: start-first` says that they may)
why-nobody-connects = because nobody connects to it: a second container would only do its work twice (`order: start-first` wants it so)
why-one-shot = it runs to its end before those who wait for it
why-found-by-label = because whoever reads labels finds it as soon as it runs (label { $label })
why-found-by-hostname = because its hostname { $hostname } is a name that others find it by
why-found-by-variable = because a proxy that reads { $variable } finds it as soon as it runs
why-labels-differ = because its labels have changed: it must not be routed by the old and the new ones at once
why-memory = because it needs { $needs } a second time, and { $free } of memory are free
why-no-rehearsal = because rehearsals are turned off (--no-rehearsal)
why-not-running = because its old container does not run, so that nothing is interrupted
why-looks-up = it looks { $service } up when it starts, and is to find the gateway then

reason-image = its image changes from { $from } to { $to }
reason-image-open = its image changes from { $from } to one that is not built or pulled yet
reason-definition = its definition, or a file, config or secret that it uses, has changed
reason-borrows = { $service }, whose namespaces or volumes it uses, is replaced
reason-not-running = its container does not run
reason-names-gateway = the gateway takes its name in the stack over from its container
reason-names-back = its container gets its name in the stack back from the gateway
plan-inside = inside the stack the gateway leads to { $services }
plan-inside-not = inside the stack { $service } is found directly: { $why }
inside-database = it is a database ({ $image }); `x-backstay.gateway.inside: true` wants it all the same
inside-data = it has data and no host port; `x-backstay.gateway.inside: true` wants it all the same
inside-network = it has no network of the stack to itself
inside-own-name = its own container is called { $name }
inside-linked = { $service } is linked to its container
inside-udp = it listens for UDP too
inside-no-ports = nobody knows on which ports it listens: say so with `expose`
inside-many-ports = it listens on too many ports
inside-same-port = { $service } listens on port { $port } too, in a network of both; `x-backstay.gateway.inside: true` at one of them decides
inside-gateways-port = the gateway itself listens on port { $port }; `expose` it
inside-later = it is new to the gateway, which `backstay gateway enable` makes anew with its name

step-observe = take note of what runs
step-backup = save what runs
step-protect = { $count ->
    [one] keep 1 image on the engine until it is in the vault
   *[other] keep { $count } images on the engine until they are in the vault
}
step-files = put the release's files in place
step-build = build { $services }
step-pull = pull { $services }
step-load = { $count ->
    [one] load one image from the backup
   *[other] load { $count } images from the backup
}
step-tags = point the image tags to the new images
step-create = create new containers for { $services }, without starting them
step-rehearse = start and check beside what runs: { $services }
step-follow = remember who looks up again where the next ones are: { $services }
step-retire = stop { $services } ahead of the replacement
step-pause = pause while { $services } does not run
step-replace = let the new containers take over: { $services }
step-start = start { $services }
step-remove = stop and remove { $services }
step-bake = watch { $services }
step-verify = compare what runs with the release

plan-group = { $count } services: { $names }
plan-counts = Services: { $changed } with changes, { $kept } unchanged
plan-kept-count = { $count ->
    [one] one service
   *[other] { $count } services
}
plan-verbose = --verbose shows every service with its details
reason-image-own = its image changes
why-host-port-own = because two containers can't have the same host port at once
names-and-more = { $names } and { $count } more
lines-more = … and { $count } more
