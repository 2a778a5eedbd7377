//! What a certificate should be.

use crate::host::Host;
use crate::{Error, Result};

/// How long a certificate is good for where nothing else is said: two years. Apple's systems reject server
/// certificates of more than 825 days.
pub const DEFAULT_DAYS: u32 = 730;
/// The longest that a certificate can be good for: ten years.
pub const MAX_DAYS: u32 = 3650;

/// How many names a certificate can have.
const MAX_NAMES: usize = 100;
/// How long a common name or an organization can be (RFC 5280, appendix A.1, `ub-common-name`).
const MAX_TEXT: usize = 64;

/// What a certificate should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// DNS names and IP addresses, at least one. A wildcard may be the first label.
    pub names: Vec<String>,
    /// The subject's common name, at most 64 characters; the first name that is short enough where it is not given.
    pub common_name: Option<String>,
    /// How many days it is good for, from now: 1 to [`MAX_DAYS`].
    pub valid_days: u32,
    /// The subject's organization, at most 64 characters.
    pub organization: Option<String>,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            names: ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec(),
            common_name: None,
            valid_days: DEFAULT_DAYS,
            organization: None,
        }
    }
}

impl Request {
    /// Whether a certificate can be made of it.
    ///
    /// # Errors
    /// [`Error::Name`] or [`Error::Request`]: what is wrong, and what it should be.
    pub fn validate(&self) -> Result<()> {
        self.hosts()?;
        if self.valid_days == 0 || self.valid_days > MAX_DAYS {
            let problem = format!("{} days; give 1 to {MAX_DAYS}", self.valid_days);
            return Err(Error::Request { field: "valid_days", problem });
        }
        validate_text("common_name", self.common_name.as_deref())?;
        validate_text("organization", self.organization.as_deref())
    }

    /// The names, in their order, each once.
    pub(crate) fn hosts(&self) -> Result<Vec<Host>> {
        let mut hosts: Vec<Host> = Vec::new();
        for name in &self.names {
            let host = Host::parse(name)?;
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        let problem = match hosts.len() {
            0 => "there is none; give at least one DNS name or IP address".to_owned(),
            1..=MAX_NAMES => return Ok(hosts),
            many => format!("{many} names; give at most {MAX_NAMES}"),
        };
        Err(Error::Request { field: "names", problem })
    }

    /// The common name that the certificate gets.
    #[must_use]
    pub fn effective_common_name(&self) -> &str {
        let short = || self.names.iter().find(|name| !name.is_empty() && name.len() <= MAX_TEXT);
        self.common_name.as_deref().or_else(|| short().map(String::as_str)).unwrap_or("self-signed")
    }
}

fn validate_text(field: &'static str, text: Option<&str>) -> Result<()> {
    let Some(text) = text else { return Ok(()) };
    let problem = if text.trim().is_empty() {
        "it is empty; leave it out or give a text".to_owned()
    } else if text.chars().count() > MAX_TEXT {
        format!("it is longer than {MAX_TEXT} characters")
    } else if text.chars().any(char::is_control) {
        "it has control characters".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::Request { field, problem })
}
