//! The transaction's certificates: `backstay-cert` behind core's port.

use backstay_cert::{
    Certificate, Error, Finding, PasswordSource, Settings, Zeroizing, check, create, read,
};
use backstay_core::ports::{
    CertificateError, CertificateFinding, Certificates, Checked, Made, Outline, Variables,
};
use jiff::Timestamp;
use serde_json::Value;

/// Certificates of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RealCertificates;

impl Certificates for RealCertificates {
    fn outline(
        &self,
        settings: &Value,
        variables: &Variables<'_>,
    ) -> Result<Outline, CertificateError> {
        let settings = Settings::parse(settings).map_err(other)?;
        let password = password(&settings.password, variables)?;
        Ok(Outline { paths: settings.paths(), is_ascii: password.is_ascii() })
    }

    fn check(
        &self,
        settings: &Value,
        variables: &Variables<'_>,
        pfx: &[u8],
        now: Timestamp,
    ) -> Result<Checked, CertificateError> {
        let settings = Settings::parse(settings).map_err(other)?;
        let password = password(&settings.password, variables)?;
        let info = read(pfx, Some(&password)).map_err(other)?;
        let findings = check(&info, now, &settings.request.names);
        Ok(Checked {
            not_after: info.not_after,
            findings: findings.into_iter().map(finding).collect(),
        })
    }

    fn make(
        &self,
        settings: &Value,
        variables: &Variables<'_>,
        kept: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<Made, CertificateError> {
        let settings = Settings::parse(settings).map_err(other)?;
        let password = password(&settings.password, variables)?;
        made(&settings, &password, kept, now).map_err(other)
    }
}

/// The files of a certificate: of the one in `kept`, else of a new one.
pub(crate) fn made(
    settings: &Settings,
    password: &str,
    kept: Option<&[u8]>,
    now: Timestamp,
) -> Result<Made, Error> {
    let certificate = match kept {
        Some(bytes) => Certificate::open(bytes, Some(password))?,
        None => create(&settings.request, now)?,
    };
    let not_after = read(certificate.der(), None)?.not_after;
    let files = settings.files(&certificate, password)?.into_iter();
    let files = files.map(|file| (file.path, file.contents.to_vec(), file.mode));
    Ok(Made { files: files.collect(), not_after })
}

/// The password of a PFX file.
pub(crate) fn password(
    source: &PasswordSource,
    variables: &Variables<'_>,
) -> Result<Zeroizing<String>, CertificateError> {
    if let PasswordSource::Variable(name) = source
        && variables(name).is_none_or(|value| value.is_empty())
    {
        return Err(CertificateError::PasswordNotSet { variable: name.clone() });
    }
    source.resolve(variables).map_err(other)
}

/// What is wrong, in core's words.
pub(crate) fn finding(finding: Finding) -> CertificateFinding {
    use CertificateFinding as Found;
    match finding {
        Finding::Expired { not_after } => Found::Expired { not_after },
        Finding::NotYetValid { not_before } => Found::NotYetValid { not_before },
        Finding::EndsSoon { not_after, days_left } => Found::EndsSoon { not_after, days_left },
        Finding::NameNotCovered { name } => Found::NameNotCovered { name },
        Finding::KeyMissing => Found::KeyMissing,
        Finding::KeyMismatch => Found::KeyMismatch,
        other => Found::Unreadable { problem: format!("{other:?}") },
    }
}

/// For `map_err`. No message of that crate carries a password or a key.
#[allow(clippy::needless_pass_by_value)]
fn other(error: Error) -> CertificateError {
    CertificateError::Other(error.to_string())
}
