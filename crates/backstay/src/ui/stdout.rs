//! The real screen: a thread that writes to stdout. A reader that is slow or stuck (a pager, a stopped terminal) holds up
//! this thread and never the run; what can't be written is dropped.

use std::io::Write;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use super::live::Live;
use super::screen::{Row, Screen};

/// How often progress is redrawn.
const TICK: Duration = Duration::from_millis(200);

/// Lines and progress on stdout.
pub(crate) struct Stdout {
    sender: Option<Sender<Message>>,
    thread: Option<JoinHandle<()>>,
    live: bool,
}

enum Message {
    Text(String),
    Progress(Vec<Row>),
    Flush(Sender<()>),
}

impl Stdout {
    /// Starts the writer; `live` shows progress.
    pub(crate) fn start(live: bool) -> Self {
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::Builder::new().name("screen".to_owned());
        let thread = thread.spawn(move || write(&receiver)).ok();
        Self { sender: Some(sender), thread, live }
    }

    fn send(&self, message: Message) {
        if let Some(sender) = &self.sender {
            // A writer that is gone shows nothing; the run goes on.
            let _ = sender.send(message);
        }
    }
}

impl Screen for Stdout {
    fn line(&self, text: &str) {
        self.send(Message::Text(format!("{text}\n")));
    }

    fn progress(&self, rows: Vec<Row>) {
        if self.live {
            self.send(Message::Progress(rows));
        }
    }

    fn prompt(&self, text: &str) {
        let (sender, receiver) = mpsc::channel();
        self.send(Message::Text(text.to_owned()));
        self.send(Message::Flush(sender));
        let _ = receiver.recv();
    }

    fn is_live(&self) -> bool {
        self.live
    }
}

impl Drop for Stdout {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn write(receiver: &Receiver<Message>) {
    let mut live = Live::default();
    let mut gone = false;
    loop {
        let first = if live.is_empty() {
            receiver.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            receiver.recv_timeout(TICK)
        };
        let mut text = String::new();
        let mut waiting = Vec::new();
        let ended = matches!(first, Err(RecvTimeoutError::Disconnected));
        for message in first.into_iter().chain(receiver.try_iter()) {
            match message {
                Message::Text(more) => text.push_str(&more),
                Message::Progress(rows) => live.set(rows),
                Message::Flush(sender) => waiting.push(sender),
            }
        }
        if ended {
            live.set(Vec::new());
        }
        let size = terminal_size::terminal_size();
        let frame = live.frame(&text, size.map(|(width, height)| (width.0, height.0)));
        if !gone && !frame.is_empty() {
            let mut stdout = std::io::stdout().lock();
            gone = stdout.write_all(frame.as_bytes()).and_then(|()| stdout.flush()).is_err();
        }
        drop(waiting);
        if ended {
            return;
        }
    }
}
