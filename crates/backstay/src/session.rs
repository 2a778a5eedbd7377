//! What all verbs work with: the flags, the language, the screen, the runtime.

use std::cell::OnceCell;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use backstay_core::Error;
use backstay_core::context::Cancel;
use backstay_core::ports::{Reporter, Silent};
use backstay_core::secrets::Secrets;
use backstay_core::stack::StackRef;
use backstay_core::state::State;
use backstay_core::store::DiskStore;
use serde::Serialize;

use crate::errors::{CommandError, Exit, Show};
use crate::flags::Global;
use crate::i18n::{Language, t};
use crate::signals;
use crate::stack_ref::{LocateError, Surroundings, locate};
use crate::state_place;
use crate::this_machine;
use crate::ui::{
    Discreet, JsonReporter, Parts, Screen, Stdout, Style, TextReporter, Wording, clean, direct,
    encode,
};

/// What a verb works with.
pub(crate) struct Session {
    pub(crate) lang: Language,
    global: Global,
    command: String,
    screen: OnceCell<Arc<Stdout>>,
    secrets: Secrets,
}

impl Session {
    pub(crate) fn new(global: Global, lang: Language, arguments: &[OsString]) -> Self {
        let words: Vec<String> =
            arguments.iter().skip(1).map(|word| clean::line(&word.to_string_lossy())).collect();
        let command = format!("backstay {}", words.join(" "));
        Self { lang, global, command, screen: OnceCell::new(), secrets: Secrets::default() }
    }

    /// The command line, for people who find the lock taken.
    pub(crate) fn command(&self) -> String {
        self.command.clone()
    }

    /// What must not be shown.
    pub(crate) fn secrets(&self) -> Secrets {
        self.secrets.clone()
    }

    /// Whether JSON was asked for.
    pub(crate) fn json(&self) -> bool {
        self.global.json
    }

    /// Whether there is somebody to ask.
    pub(crate) fn is_interactive(&self) -> bool {
        let quiet = self.global.json || self.global.quiet;
        !quiet && std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
    }

    /// The stack that the flags name.
    pub(crate) fn stack(&self) -> Result<StackRef, CommandError> {
        self.located().map_err(|error| self.not_located(error))
    }

    /// The same. Where there is no compose file and the project is named, it is the folder: what is kept of a project can be moved
    /// to a machine that has no file of it, and brings its files along.
    pub(crate) fn place(&self) -> Result<StackRef, CommandError> {
        let name = self.global.project_name.clone().filter(|_| self.global.files.is_empty());
        match (self.located(), name) {
            (Err(LocateError::Core(Error::NoComposeFile(directory))), Some(name)) => {
                let caller = this_machine::caller();
                Ok(StackRef { directory, project_name: Some(name), caller, ..StackRef::default() })
            }
            (found, _) => found.map_err(|error| self.not_located(error)),
        }
    }

    /// The same; `None` where none is named and there is none here.
    pub(crate) fn find_stack(&self) -> Result<Option<StackRef>, CommandError> {
        let flags = &self.global;
        let is_named = !flags.files.is_empty() || flags.project_directory.is_some();
        match self.located() {
            Err(LocateError::Core(Error::NoComposeFile(_))) if !is_named => Ok(None),
            found => found.map(Some).map_err(|error| self.not_located(error)),
        }
    }

    /// Where what is known of stacks is.
    pub(crate) fn state(&self) -> State {
        // Not by the parser: a variable alone would be taken for an argument.
        let asked = || std::env::var_os("BACKSTAY_STATE").map(PathBuf::from);
        state_place::find(self.global.state.clone().or_else(asked).as_deref())
    }

    /// Says something on stderr.
    pub(crate) fn complain(&self, text: &str) {
        direct::complain(text);
    }

    /// The screen; its writer is started when something is to be shown.
    pub(crate) fn screen(&self) -> Arc<dyn Screen> {
        let screen = self.screen.get_or_init(|| Arc::new(Stdout::start(self.is_live())));
        Arc::clone(screen) as Arc<dyn Screen>
    }

    /// How things are said about this stack.
    pub(crate) fn wording(&self, stack: Option<&StackRef>) -> Wording {
        let style = Style::new(self.colours(std::io::stdout().is_terminal()));
        let mut wording = Wording::plain(self.lang, style);
        wording.verbose = self.global.verbose;
        if let Some(stack) = stack {
            wording.directory = stack.directory.clone();
            let env_files = stack.interpolation_files().into_iter().filter(|file| file.exists());
            wording.files = stack.files.iter().cloned().chain(env_files).collect();
        }
        wording
    }

    /// Whoever tells what happens.
    pub(crate) fn reporter(&self, stack: &StackRef, parts: Parts) -> Arc<dyn Reporter> {
        let reporter: Arc<dyn Reporter> = if self.global.json {
            Arc::new(JsonReporter::new(self.screen(), parts))
        } else if self.global.quiet {
            Arc::new(Silent)
        } else {
            Arc::new(TextReporter::new(self.screen(), self.wording(Some(stack)), parts))
        };
        Arc::new(Discreet::new(reporter, self.secrets()))
    }

    /// How errors are shown.
    pub(crate) fn show(&self) -> Show {
        Show::new(self.lang, self.global.json, self.stderr_style())
    }

    /// The colours on stderr.
    pub(crate) fn stderr_style(&self) -> Style {
        Style::new(self.colours(std::io::stderr().is_terminal()))
    }

    /// Prints lines, unless only errors are wanted.
    pub(crate) fn print(&self, lines: impl IntoIterator<Item = String>) {
        if !self.global.quiet {
            let screen = self.screen();
            lines.into_iter().for_each(|line| screen.line(&line));
        }
    }

    /// Prints a value as a line of JSON.
    pub(crate) fn print_json<T: Serialize>(&self, value: &T) {
        self.screen().line(&encode(value));
    }

    /// Runs a verb's work, with the wish to stop that Ctrl-C sets.
    pub(crate) fn block_on<T>(
        &self,
        work: impl AsyncFnOnce(Cancel) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| {
            CommandError::new(Exit::Unexpected, clean::line(&error.to_string()))
        })?;
        let result = runtime.block_on(async {
            let cancel = signals::listen(self.lang, self.remark());
            work(cancel).await
        });
        // A read from the terminal that nobody waits for any more must not keep the program.
        runtime.shutdown_background();
        result
    }

    /// Waits for work that nothing stops half-way.
    pub(crate) fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, CommandError> {
        self.block_on(async |_| work.await.map_err(|error| self.error(&error)))
    }

    /// Where remarks go that no event carries.
    fn remark(&self) -> Arc<dyn Fn(&str) + Send + Sync> {
        if self.global.json || self.global.quiet {
            return Arc::new(direct::complain);
        }
        let screen = self.screen();
        Arc::new(move |text| screen.line(text))
    }

    /// Whether only errors are wanted.
    pub(crate) fn quiet(&self) -> bool {
        self.global.quiet
    }

    fn located(&self) -> Result<StackRef, LocateError> {
        let env = |name: &str| std::env::var_os(name);
        let found = Surroundings::of_process(&env).and_then(|around| locate(&self.global, &around));
        let found = found.map(|stack| {
            let caller = this_machine::caller().finding(stack.caller.by_name);
            StackRef { caller, ..stack }
        });
        found.inspect(|stack| self.secrets.learn(stack, None, &DiskStore))
    }

    fn not_located(&self, error: LocateError) -> CommandError {
        match error {
            LocateError::Core(error) => self.error(&error),
            LocateError::Stdin => CommandError::usage(t!(self.lang, "stdin-file"))
                .hint(t!(self.lang, "hint-stdin-file")),
            LocateError::Remote(file) => {
                CommandError::usage(t!(self.lang, "remote-file", file = file))
                    .hint(t!(self.lang, "hint-remote-file"))
            }
        }
    }

    fn is_live(&self) -> bool {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        !self.global.json && !self.global.quiet && std::io::stdout().is_terminal() && !dumb
    }

    fn colours(&self, terminal: bool) -> bool {
        #[cfg(windows)]
        if terminal {
            // Old consoles show escapes as text until they are told.
            let _ = anstyle_query::windows::enable_ansi_colors();
        }
        self.global.color.enabled(terminal, &|name| std::env::var_os(name))
    }
}
