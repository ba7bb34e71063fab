//! What is recorded: order messages of a usual size, the same mixture for every peer.

use std::time::{SystemTime, UNIX_EPOCH};

const TOPICS: [&str; 4] = ["exec.command", "exec.event", "md.quotes.ESZ6", "risk.event"];
const PAYLOAD_TYPES: [&str; 4] = ["SubmitOrder", "OrderFilled", "Quote", "LimitBreached"];

/// One entry before it has been recorded.
pub struct Draft<'a> {
    pub topic: &'static str,
    pub payload_type: &'static str,
    pub payload: &'a [u8],
    /// Nanoseconds since 1970.
    pub ts_init: u64,
}

/// As many drafts as wanted.
pub struct Drafts {
    payloads: Vec<Vec<u8>>,
}

impl Drafts {
    /// Different ones, used over and over.
    pub const DIFFERENT: u64 = 64;

    pub fn new(payload_bytes: usize) -> Self {
        // Xorshift: bytes that do not compress, and the same in every run.
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next_byte = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        };
        let mut payload = || (0..payload_bytes).map(|_| next_byte()).collect();
        Self {
            payloads: (0..Self::DIFFERENT).map(|_| payload()).collect(),
        }
    }

    /// The draft of a turn.
    pub fn of(&self, turn: u64) -> Draft<'_> {
        let kind = (turn % TOPICS.len() as u64) as usize;
        Draft {
            topic: TOPICS[kind],
            payload_type: PAYLOAD_TYPES[kind],
            payload: &self.payloads[(turn % Self::DIFFERENT) as usize],
            ts_init: nanos_since_1970(),
        }
    }
}

impl Draft<'_> {
    /// Both timestamps and the payload, for a store that has no place of its own for the former.
    pub fn stamped_payload(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(16 + self.payload.len());
        bytes.extend(self.ts_init.to_le_bytes());
        bytes.extend(nanos_since_1970().to_le_bytes());
        bytes.extend(self.payload);
        bytes
    }
}

fn nanos_since_1970() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() as u64)
}
