# Steps 3 to 5 of a deployment: `.env`, the certificate, data directories; and `backstay cert`.

note-environment-created = Created .env from { $template }
note-environment-replaced = Replaced .env with { $template }
note-environment-kept = .env stays as it is
note-no-environment = The stack has no .env
note-certificate-made = Created { $files } (good until { $date })
note-certificate-kept = { $path } is kept (good until { $date })
note-certificate-unread = { $path } is kept
note-certificate-found = { $path }: { $finding }
note-certificate-password = The certificate's password is not ASCII: Java can't open the PFX file with it
note-directory-created = Created { $path }
note-directories-present = The folders that are mounted are there
note-directory-not-writable = { $service } runs as user { $user } and can't write { $path }: `sudo chown { $user } { $path }`
note-directory-left = { $path } can't be made by this user; it is left to Docker
note-directory-is-file = { $path }, which { $service } mounts as a folder, is a file

found-expired = it ended on { $date }
found-not-yet-valid = it is not good before { $date }
found-ends-soon = { $days ->
    [one] it ends on { $date }: one day is left
   *[other] it ends on { $date }: { $days } days are left
}
found-name = it is not good for { $name }
found-key-missing = there is no key beside it
found-key-mismatch = its key belongs to another certificate
found-unreadable = it can't be read: { $problem }

step-environment = put { $template } in the place of .env
step-certificate = write the certificate: { $files }
step-directories = make folders: { $paths }
undo-file-removed = Removed { $path }, which this run had made
plan-open = The rest is known only when { $template } is in place.

ask-create-env = There is no .env. Create it from { $template }? [Y/n]
ask-replace-env = .env differs from { $template }. Replace it? [y/N]
ask-replace-certificate = Replace the certificate { $path } with a new one? [y/N]
ask-password = Password of the PFX file:
ask-password-again = The same once more:

usage-env-missing = there is no terminal to ask on, and no .env: `--yes` makes it from { $template }, `--skip-env` goes on without it
usage-env-differs = there is no terminal to ask on, and .env differs from { $template }: `--yes` or `--skip-env` keeps it, `--env { $name } --yes` replaces it
usage-unknown-template = there is no template .env.{ $name }
hint-known-templates = the templates are: { $names }
hint-no-templates = put a template beside the compose file: .env.{ $name }
usage-env-with-env-file = `--env` is about .env, which is not read where `--env-file` or COMPOSE_ENV_FILES names other files

variables-missing = variables that the stack can't do without have no value; nothing has been changed
variable-missing = { $name } (required by { $file })
variable-missing-why = { $name } (required by { $file }: { $why })
hint-variables-missing = give them values in `{ $file }`

certificate-failed = the certificate can't be made or read
hint-certificate-failed = correct `x-backstay.certificate` in the compose file, or go on without it with `--skip-cert`
certificate-no-password = the password of the certificate is not set: the variable { $variable } has no value
hint-certificate-no-password = set { $variable } in `.env` or in the environment, or go on without a certificate with `--skip-cert`
cert-not-configured = the stack names no certificate
hint-cert-not-configured = name its file: `--path ./cert/name.pfx`, or `x-backstay.certificate.path` in the compose file
cert-missing = there is no certificate `{ $path }`
hint-cert-missing = `backstay cert create` makes it
cert-there = these files are there: { $files }; nothing was written
hint-cert-force = `--force` replaces them
cert-passwords-differ = the two passwords are not the same; nothing was written
cert-written = Wrote { $file }
cert-good = { $path } is good until { $date }
cert-not-good = { $path } is not good, or will soon not be

cert-subject = Subject
cert-names = Names
cert-issuer = Issuer
cert-self-signed = itself
cert-valid = Good
cert-from-to = from { $from } to { $to }
cert-fingerprint = SHA-256
cert-key = Key
cert-key-matches = there
cert-key-missing = none
cert-key-mismatch = of another certificate
cert-key-unchecked = there, of a kind that is not compared
