//! What stands in a server certificate that nobody else signs.

use der::asn1::{Ia5String, ObjectIdentifier};
use x509_cert::TbsCertificate;
use x509_cert::builder::Result;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use crate::host::Host;

const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");

/// A server's certificate. It is no authority: one that is trusted somewhere must not be able to sign for other names,
/// and Firefox rejects an authority as a server.
pub(super) struct Server {
    pub(super) subject: Name,
    pub(super) hosts: Vec<Host>,
}

impl BuilderProfile for Server {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        key: SubjectPublicKeyInfoRef<'_>,
        _issuer: SubjectPublicKeyInfoRef<'_>,
        _certificate: &TbsCertificate,
    ) -> Result<Vec<Extension>> {
        let own = &self.subject;
        let names = self.hosts.iter().map(general_name).collect::<der::Result<Vec<_>>>()?;
        Ok(vec![
            BasicConstraints { ca: false, path_len_constraint: None }.to_extension(own, &[])?,
            KeyUsage(KeyUsages::DigitalSignature.into()).to_extension(own, &[])?,
            ExtendedKeyUsage(vec![SERVER_AUTH]).to_extension(own, &[])?,
            SubjectAltName(names).to_extension(own, &[])?,
            SubjectKeyIdentifier::try_from(key)?.to_extension(own, &[])?,
        ])
    }
}

fn general_name(host: &Host) -> der::Result<GeneralName> {
    Ok(match host {
        Host::Dns(name) => GeneralName::DnsName(Ia5String::new(name)?),
        Host::Ip(address) => GeneralName::from(*address),
    })
}
