//! Certificates that are plain text, the same each time.

use backstay_core::ports::{
    CertificateError, CertificateFinding, Certificates, Checked, Made, Outline, Variables,
};
use jiff::Timestamp;
use serde_json::Value;

/// Makes texts that stand for certificates: `ended` in one means that it has ended.
#[derive(Debug, Clone, Copy, Default)]
pub struct FakeCertificates;

impl Certificates for FakeCertificates {
    fn outline(
        &self,
        settings: &Value,
        variables: &Variables<'_>,
    ) -> Result<Outline, CertificateError> {
        let path = settings.get("path").and_then(Value::as_str).unwrap_or_default();
        let stem = path.strip_suffix(".pfx");
        let stem = stem.ok_or_else(|| CertificateError::Other("no path".to_owned()))?;
        let variable = "CERT_PASSWORD".to_owned();
        let password = variables(&variable).filter(|password| !password.is_empty());
        let password = password.ok_or(CertificateError::PasswordNotSet { variable })?;
        let paths = vec![path.to_owned(), format!("{stem}.crt"), format!("{stem}.key")];
        Ok(Outline { paths, is_ascii: password.is_ascii() })
    }

    fn check(
        &self,
        _settings: &Value,
        _variables: &Variables<'_>,
        pfx: &[u8],
        now: Timestamp,
    ) -> Result<Checked, CertificateError> {
        let ended = String::from_utf8_lossy(pfx).contains("ended");
        let finding = CertificateFinding::Expired { not_after: now };
        Ok(Checked { not_after: now, findings: ended.then_some(finding).into_iter().collect() })
    }

    fn make(
        &self,
        settings: &Value,
        variables: &Variables<'_>,
        kept: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<Made, CertificateError> {
        let text = kept.map_or("certificate".into(), |kept| String::from_utf8_lossy(kept));
        let paths = self.outline(settings, variables)?.paths.into_iter();
        let files = paths.map(|path| {
            let content = format!("{text} in {path}\n").into_bytes();
            (path, content, 0o600)
        });
        Ok(Made { files: files.collect(), not_after: now })
    }
}
