# Why a run failed.

failed-build = Image build failed
failed-build-of = { $service } build error
failed-pull = Image pull failed
failed-image-missing = Image missing
failed-create = Containers could not be created
failed-services = Some services failed to start
failed-unreachable = The gateway can't reach its services
failed-mismatch = What runs is not what should run
failed-interrupted = Interrupted
failed-crashed = An earlier run ended in the middle
failed-disk-full = No space left
failed-files = A file could not be read or written
failed-engine = Docker refused
failed-gateway-program = The gateway's program is not there, or can't be used

cause-start = the container could not be started
cause-hook = a hook failed: { $message }
cause-port-taken = a host port is taken
cause-out-of-memory = the container was killed because it ran out of memory
cause-exited-zero = the container ended (exit code 0) although it should keep running
cause-exited = the container ended with exit code { $code }
cause-restarting = { $restarts ->
    [one] the container was restarted once; it had ended with exit code { $code }
   *[other] the container was restarted { $restarts } times; it had last ended with exit code { $code }
}
cause-restarting-unknown = { $restarts ->
    [one] the container ended by itself and was restarted once
   *[other] the container ended by itself and was restarted { $restarts } times
}
cause-unhealthy = its healthcheck says that it is unhealthy
cause-never-healthy = its healthcheck did not pass within { $waited } s; it is to be healthy after { $expected } s (start_period + interval × retries)
cause-never-healthy-hint = If it needs longer to start: give its healthcheck a `start_period` of at least { $period }s, or wait longer with `--wait-timeout { $timeout }`
cause-check-missing = The command of its healthcheck is not in the image: use one that is, or add it to the image
cause-needs = It may have needed { $services }, which it does not wait for: give { $services } a healthcheck, and `condition: service_healthy` under its depends_on
cause-probe = its health check `{ $check }` fails: { $message }
cause-deadline = not ready after { $seconds } s
cause-follow = it could not be brought to look up again where a replaced service is: { $message }
cause-unreachable = what the gateway sends to { $services } does not arrive. Containers have to reach each other in the networks that they share: look for com.docker.network.bridge.enable_icc: "false" and for a firewall between containers, or leave the gateway off
cause-vanished = the container is gone: somebody else removed it
cause-gateway-program = looked at: { $places }

failure-message = What was said:
failure-output = Last lines of the output:
failure-logs = Last lines of { $container }:
failure-health = Last healthcheck output of { $container }:
