//! Questions. Only where there is a terminal; elsewhere a flag has to have answered them.

use backstay_core::context::Cancel;

use super::Screen;

/// Asks and waits for a line. `None` when the input ended or the user wants to stop.
pub(crate) async fn ask(screen: &dyn Screen, question: &str, cancel: &Cancel) -> Option<String> {
    screen.prompt(&format!("{question} "));
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        let count = std::io::stdin().read_line(&mut line).ok()?;
        (count > 0).then(|| line.trim().to_owned())
    });
    let answer = tokio::select! {
        answer = read => answer.ok().flatten(),
        () = cancel.wait() => None,
    };
    if answer.is_none() {
        screen.line("");
    }
    answer
}

/// Asks for a line that is not shown while it is typed. `None` when the input ended.
pub(crate) fn ask_hidden(screen: &dyn Screen, question: &str) -> Option<String> {
    screen.prompt(&format!("{question} "));
    let answer = rpassword::read_password().ok();
    // The line break that was typed is not shown either.
    screen.line("");
    answer
}

/// Whether an answer means yes, in either language.
#[must_use]
pub(crate) fn is_yes(answer: &str) -> bool {
    matches!(answer.to_lowercase().as_str(), "y" | "yes" | "是" | "好")
}
