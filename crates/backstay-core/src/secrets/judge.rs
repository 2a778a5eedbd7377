//! What looks like a secret, by its name or by itself.

/// Parts of names whose values are secrets.
const NAMES: [&str; 15] = [
    "pass",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "private",
    "credential",
    "auth",
    "salt",
    "dsn",
    "connectionstring",
    "connection_string",
    "cookie",
];

/// Words that say nothing, however long they are.
const COMMON: [&str; 38] = [
    "admin@localhost",
    "administrator",
    "always",
    "backstay",
    "changeme",
    "compose",
    "container",
    "database",
    "debian",
    "default",
    "development",
    "disable",
    "disabled",
    "docker",
    "enable",
    "enabled",
    "example",
    "healthy",
    "information",
    "localhost",
    "manager",
    "mariadb",
    "mongodb",
    "network",
    "password",
    "postgres",
    "postgresql",
    "production",
    "rabbitmq",
    "release",
    "running",
    "secret",
    "service",
    "services",
    "staging",
    "testing",
    "unless-stopped",
    "warning",
];

/// The fewest characters of a value that is looked for in text.
const FEWEST: usize = 6;

/// The fewest characters of a value that looks like a secret by itself.
const LOOKS: usize = 8;

/// The fewest characters of a single word that is one.
const LONG: usize = 16;

/// Whether a variable, a label or a key of this name holds a secret.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_lowercase();
    let ends_as_key = ["key", "pin", "cert"].iter().any(|word| {
        name.strip_suffix(word)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with(['_', '-', '.']))
    });
    ends_as_key || NAMES.iter().any(|part| name.contains(part))
}

/// How names end whose values may look like secrets and are none.
const PLAIN: [&str; 19] = [
    "version", "host", "hostname", "port", "tag", "image", "level", "dir", "path", "opts",
    "options", "name", "zone", "tz", "lang", "size", "timeout", "commit", "digest",
];

/// Whether the value of a variable is a secret.
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    let lower = name.to_lowercase();
    let last = lower.rsplit(['_', '-', '.']).next().unwrap_or(&lower);
    is_secret_name(name) || !PLAIN.contains(&last) && looks_secret(value)
}

/// Whether a value is one whatever its name: letters and digits mixed, or one long word, and none of the things that look
/// so by nature, such as versions, addresses and paths.
#[must_use]
pub fn looks_secret(value: &str) -> bool {
    let length = value.chars().count();
    if length < LOOKS || value.chars().any(char::is_whitespace) || is_plain(value) {
        return false;
    }
    let has = |test: fn(&char) -> bool| value.chars().any(|c| test(&c));
    let mixed = has(|c| c.is_ascii_digit()) && has(|c| c.is_alphabetic());
    let marked = has(|c| "!@#$%^&*?+=~".contains(*c)) && has(|c| c.is_alphabetic());
    mixed || marked || length >= LONG && value.chars().all(char::is_alphanumeric)
}

/// Whether a value is worth to be taken out of text: long enough, and not a word that stands everywhere.
pub(super) fn is_worth(value: &str) -> bool {
    value.chars().count() >= FEWEST
        && !COMMON.contains(&value.to_lowercase().as_str())
        && !value.chars().all(|c| c == value.chars().next().unwrap_or(c))
}

fn is_plain(value: &str) -> bool {
    value.starts_with("sha256:") || is_version(value) || is_address(value) || is_path(value)
}

/// `v1.2.3-rc4`, `2024-01-29`, `512m`.
fn is_version(value: &str) -> bool {
    let digits = value.strip_prefix('v').unwrap_or(value);
    let numbers = digits.split(['.', '-', '_', '+', ':']);
    let count = numbers.clone().filter(|part| part.chars().all(|c| c.is_ascii_digit())).count();
    digits.starts_with(|c: char| c.is_ascii_digit()) && count >= 2 && numbers.count() <= count + 2
}

/// A URL without a password, a host with a port, an image's reference.
fn is_address(value: &str) -> bool {
    if value.contains("://") {
        return !value.contains(['@', '?']);
    }
    let (host, port) = value.rsplit_once(':').unwrap_or((value, "0"));
    let is_port = !port.is_empty() && port.chars().all(|c| c.is_ascii_digit());
    let is_host = host.chars().all(|c| c.is_ascii_alphanumeric() || ".-/_".contains(c));
    let is_name = value.contains(':') || host.contains('.') && !host.starts_with('.');
    is_port && is_host && is_name
}

fn is_path(value: &str) -> bool {
    let drive = value.as_bytes().get(1) == Some(&b':');
    (value.starts_with(['/', '.', '~']) || drive) && value.contains(['/', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        for name in ["DB_PASSWORD", "mysql_pwd", "AppKey", "JWT_KEY", "com.x.api-key", "GH_TOKEN"] {
            let expected = name != "AppKey";
            assert_eq!(is_secret_name(name), expected, "{name}");
        }
        for name in ["PATH", "KEYBOARD", "VERSION", "HOST", "LOG_LEVEL", "monkey"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn values_tell_where_names_do_not() {
        for value in ["hunter2hunter2", "Tr0ub4dor&3", "correcthorsebatterystaple", "p@ssword"] {
            assert!(looks_secret(value), "{value}");
        }
        for value in [
            "production",
            "1.2.3-rc4",
            "v2.0.1-beta.3",
            "http://web:8080/x",
            "redis:6379",
            "/var/lib/data1",
            "manager-api",
            "two words 1",
            "short1",
            "a.example.com",
            "sha256:4f1d0c2b9a77",
            "20240129_143052",
        ] {
            assert!(!looks_secret(value), "{value}");
        }
    }

    #[test]
    fn a_name_may_say_that_a_value_is_none() {
        assert!(!is_secret("APP_VERSION", "4f1d0c2b9a77") && !is_secret("TZ", "Etc/GMT+8"));
        assert!(is_secret("APP", "4f1d0c2b9a77") && is_secret("PASSWORD_HOST", "plain-words"));
    }

    #[test]
    fn common_and_short_words_stay() {
        assert!(!is_worth("Production") && !is_worth("abc12") && !is_worth("000000"));
        assert!(is_worth("abc123"));
    }
}
