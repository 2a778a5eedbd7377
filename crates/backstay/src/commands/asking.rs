//! What a deployment asks before it begins: about `.env` and about a certificate that does not do any more.

use backstay_core::context::Context;
use backstay_core::ops::certificate::{self, CertificateChoice};
use backstay_core::ops::environment::{EnvironmentChoice, Templates};
use backstay_core::stack::StackRef;

use crate::errors::CommandError;
use crate::i18n::t;
use crate::session::Session;
use crate::ui::{clean, finding};

/// The template where none is named.
const USUAL: &str = if cfg!(windows) { "windows" } else { "linux" };

/// Whom to ask about what.
pub(super) struct Asking<'a> {
    pub(super) session: &'a Session,
    pub(super) context: &'a Context,
    pub(super) stack: &'a StackRef,
    /// Whether the defaults are taken without a question.
    pub(super) is_settled: bool,
}

impl Asking<'_> {
    /// What is to become of `.env`. `named` is a template's name, `skip` says to leave it alone.
    pub(super) async fn environment(
        &self,
        named: Option<&str>,
        skip: bool,
    ) -> Result<EnvironmentChoice, CommandError> {
        let lang = self.session.lang;
        if skip {
            return Ok(EnvironmentChoice::Skip);
        }
        if !self.stack.env_files.is_empty() {
            return match named {
                Some(_) => Err(CommandError::usage(t!(lang, "usage-env-with-env-file"))),
                None => Ok(EnvironmentChoice::Keep),
            };
        }
        let templates = Templates::of(self.stack, &*self.context.store);
        let templates = templates.map_err(|error| self.session.error(&error))?;
        let name = named.unwrap_or(USUAL);
        let Some(differs) = templates.names.get(name) else {
            return match named {
                Some(name) => Err(self.unknown(name, &templates)),
                None => Ok(EnvironmentChoice::Keep),
            };
        };
        let template = name.to_owned();
        let file = clean::line(&format!(".env.{name}"));
        if !templates.has_file {
            // Who names a template has answered.
            if named.is_some() || self.is_settled {
                return Ok(EnvironmentChoice::Create { template });
            }
            if !self.session.is_interactive() {
                return Err(CommandError::usage(t!(lang, "usage-env-missing", template = file)));
            }
            let yes = self.ask(&t!(lang, "ask-create-env", template = file), true).await?;
            return Ok(if yes {
                EnvironmentChoice::Create { template }
            } else {
                EnvironmentChoice::Keep
            });
        }
        if !differs {
            // An interrupted run may have put it there, and takes it away when it is undone first.
            return Ok(EnvironmentChoice::Create { template });
        }
        if self.is_settled {
            return Ok(match named {
                Some(_) => EnvironmentChoice::Put { template },
                None => EnvironmentChoice::Create { template },
            });
        }
        if !self.session.is_interactive() {
            let message = t!(lang, "usage-env-differs", template = file, name = name);
            return Err(CommandError::usage(message));
        }
        let yes = self.ask(&t!(lang, "ask-replace-env", template = file), false).await?;
        Ok(if yes { EnvironmentChoice::Put { template } } else { EnvironmentChoice::Keep })
    }

    /// What is to become of a certificate that is there.
    pub(super) async fn certificate(&self, skip: bool) -> Result<CertificateChoice, CommandError> {
        if skip {
            return Ok(CertificateChoice::Skip);
        }
        if self.is_settled {
            return Ok(CertificateChoice::ReplaceEnded);
        }
        if !self.session.is_interactive() {
            return Ok(CertificateChoice::Keep);
        }
        let Some((path, found)) = certificate::standing(self.context, self.stack).await else {
            return Ok(CertificateChoice::Keep);
        };
        let wrong = found.iter().filter(|finding| CertificateChoice::Replace.replaces(finding));
        let lang = self.session.lang;
        let lines: Vec<String> = wrong.map(|found| finding(lang, found)).collect();
        if lines.is_empty() {
            return Ok(CertificateChoice::Keep);
        }
        let path = clean::line(&path);
        self.session.print(lines.iter().map(|line| format!("{path}: {line}")));
        let yes = self.ask(&t!(lang, "ask-replace-certificate", path = path), false).await?;
        Ok(if yes { CertificateChoice::Replace } else { CertificateChoice::Keep })
    }

    fn unknown(&self, name: &str, templates: &Templates) -> CommandError {
        let lang = self.session.lang;
        let error = CommandError::usage(t!(lang, "usage-unknown-template", name = name));
        let names: Vec<String> = templates.names.keys().map(|name| clean::line(name)).collect();
        if names.is_empty() {
            return error.hint(t!(lang, "hint-no-templates", name = name));
        }
        error.hint(t!(lang, "hint-known-templates", names = names.join(", ")))
    }

    async fn ask(&self, question: &str, usual: bool) -> Result<bool, CommandError> {
        self.session.ask(question, usual, &self.context.cancel).await
    }
}
