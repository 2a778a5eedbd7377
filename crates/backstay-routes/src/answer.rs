//! What the gateway answers: a line of JSON each.

use crate::refusal::{Refusal, Result};
use crate::status::Status;
use crate::way::Way;
use serde::{Deserialize, Serialize};

/// An answer with the number of its request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// As in the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// What is answered.
    #[serde(flatten)]
    pub answer: Answer,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// To `apply`: the routes are in force, and written down.
    Applied {
        /// The snapshot's.
        generation: u64,
    },
    /// To `hold`: nothing new reaches the targets of these services.
    Held,
    /// To `renew`.
    Renewed,
    /// To `open`: what waits is on its way.
    Opened {
        /// How many waited when the opening began.
        waiting: u64,
    },
    /// To `drain`.
    Drained(Drained),
    /// To `reach`.
    Reached {
        /// One for each port of each target.
        ways: Vec<Way>,
    },
    /// To `status`.
    Status(Box<Status>),
    /// To `metrics`.
    Metrics {
        /// In Prometheus' text format, version 0.0.4.
        text: String,
    },
    /// To `access_log`.
    AccessLog {
        /// Whether it is on now.
        on: bool,
    },
    /// To `upgrade`: the new process serves. The connection is closed after this answer.
    Upgraded {
        /// The new worker.
        pid: u32,
        /// Its version.
        version: String,
    },
    /// To `ping`.
    Pong {
        /// The worker.
        pid: u32,
        /// Its version.
        version: String,
        /// Of the routes that are in force; 0: none were given yet.
        generation: u64,
    },
    /// To any of them.
    Refused(Refusal),
}

/// How a drain ended. Zeros all over: whoever stops the container now takes nothing from anyone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drained {
    /// Requests that are still under way.
    pub left_requests: u64,
    /// Streams that are still open.
    pub left_streams: u64,
    /// Streams that the gateway has closed because their time was out.
    pub cut: u64,
}

impl Answer {
    /// The answer, or the refusal as an error.
    pub fn accepted(self) -> Result<Self> {
        match self {
            Self::Refused(refusal) => Err(refusal),
            answer => Ok(answer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Drained, Reply, Way};
    use crate::refusal::{Refusal, RefusalKind};
    use crate::way::Found;

    #[test]
    fn an_answer_is_one_object() {
        let drained = Drained { left_requests: 0, left_streams: 1, cut: 2 };
        let reply = Reply { id: Some(4), answer: Answer::Drained(drained) };
        let text = r#"{"id":4,"answer":"drained","left_requests":0,"left_streams":1,"cut":2}"#;
        assert_eq!(serde_json::to_string(&reply).unwrap(), text);
        assert_eq!(serde_json::from_str::<Reply>(text).unwrap(), reply);
    }

    #[test]
    fn what_is_found_has_a_word_each() {
        let (service, target) = ("app".to_owned(), "0123".to_owned());
        let way = Way { service, target, port: 80, found: Found::Silent };
        let reply = Reply { id: None, answer: Answer::Reached { ways: vec![way] } };
        let text = r#"{"answer":"reached","ways":[{"service":"app","target":"0123","port":80,"found":"silent"}]}"#;
        assert_eq!(serde_json::to_string(&reply).unwrap(), text);
        let newer = text.replace("silent", "asleep");
        let Answer::Reached { ways } = serde_json::from_str::<Reply>(&newer).unwrap().answer else {
            panic!("another answer");
        };
        assert_eq!(ways[0].found, Found::Other);
    }

    #[test]
    fn a_refusal_of_a_newer_gateway_is_understood_as_one() {
        let text = r#"{"answer":"refused","kind":"eclipse","message":"no sun","until":5}"#;
        let reply: Reply = serde_json::from_str(text).unwrap();
        let refusal = Refusal::new(RefusalKind::Other, "no sun");
        assert_eq!(reply.answer.accepted(), Err(refusal));
    }
}
