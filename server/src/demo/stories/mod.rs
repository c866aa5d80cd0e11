//! What customers write about and how the agent answers, well or badly.

mod orders;
mod products;
mod returns;

/// A kind of conversation.
#[derive(Debug)]
pub(super) struct Story {
    /// What the classifier makes of it.
    pub(super) intent: &'static str,
    /// How customers put it.
    pub(super) openings: &'static [&'static str],
    /// What they may have said before, with the agent's reply.
    pub(super) before: &'static [(&'static str, &'static str)],
    /// Tools that the agent calls.
    pub(super) tools: &'static [Tool],
    /// Whether it is only asked about shoes for outdoors.
    pub(super) outdoor: bool,
    /// What the agent looks up, and what it finds.
    pub(super) policy: Option<Policy>,
    /// How it answers.
    pub(super) answers: &'static [Answer],
    /// Tags that fit.
    pub(super) tags: &'static [&'static str],
    /// How often, against the others.
    pub(super) weight: i64,
}

/// A tool of the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    LookupOrder,
    TrackParcel,
    CheckStock,
    StartReturn,
    CreateVoucher,
    Escalate,
}

/// A page of the handbook.
#[derive(Debug)]
pub(super) struct Policy {
    pub(super) query: &'static str,
    pub(super) section: &'static str,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
}

/// An answer, with what is wrong with it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) text: &'static str,
    /// 0 fail, 1 partial, 2 pass.
    pub(super) verdict: u8,
    /// Options of "Failure mode".
    pub(super) failure: &'static [&'static str],
    /// What it should have said, if it is not right.
    pub(super) expected: Option<&'static str>,
    /// What a reviewer says about it.
    pub(super) remarks: &'static [&'static str],
}

impl Answer {
    const fn good(text: &'static str) -> Self {
        Self { text, verdict: 2, failure: &[], expected: None, remarks: &[] }
    }

    const fn praised(text: &'static str, remarks: &'static [&'static str]) -> Self {
        Self { text, verdict: 2, failure: &[], expected: None, remarks }
    }

    const fn partial(
        text: &'static str,
        failure: &'static [&'static str],
        expected: &'static str,
        remarks: &'static [&'static str],
    ) -> Self {
        Self { text, verdict: 1, failure, expected: Some(expected), remarks }
    }

    const fn bad(
        text: &'static str,
        failure: &'static [&'static str],
        expected: &'static str,
        remarks: &'static [&'static str],
    ) -> Self {
        Self { text, verdict: 0, failure, expected: Some(expected), remarks }
    }
}

/// What the agent says when the order system does not answer.
pub(super) static GAVE_UP: Answer = Answer {
    text: "I can't reach our order system at the moment, so I'd be guessing. I've noted your question and a colleague will answer by mail today. \
           Sorry for the wait, {first}!",
    verdict: 1,
    failure: &[],
    expected: None,
    remarks: &[
        "Honest, and better than guessing. But nobody was told: there is no escalate call.",
        "Two timeouts in a row. I've asked the platform team.",
    ],
};

/// All stories.
pub(super) fn all() -> impl Iterator<Item = &'static Story> {
    orders::STORIES.iter().chain(returns::STORIES).chain(products::STORIES)
}
