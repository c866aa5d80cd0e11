//! Labels: what is true of a row or not, and changes with its review. Derived like its scores, in the same transaction (rule R3),
//! and exact, so that a filter may also ask for their absence.

use std::collections::BTreeSet;

use concord_shared::ids::MemberId;
use concord_shared::review::state::{ReviewState, ReviewStatus};

use crate::domain::line::{LoggedLine, Overlay};

/// Something that is true of some rows of an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// Of every row that is not deleted.
    Row,
    /// It has the tag, by what was logged and what people changed.
    Tag(String),
    /// Its review stands there; never [`ReviewStatus::None`].
    Status(ReviewStatus),
    /// A member is asked to review it.
    Assignee(MemberId),
    /// It has comments that are not deleted.
    Commented,
    /// A member judged it or finished.
    Reviewed,
    /// Its review set what is expected.
    Expected,
    /// Its review put texts into its metadata.
    Fields,
    /// It logged an error.
    Error,
}

/// Longest tag that has a label; longer ones are found by looking.
pub const TAG_BYTES: usize = 512;

impl Label {
    /// As it is stored: a letter, and what it is about.
    pub fn to_text(&self) -> String {
        match self {
            Self::Row => "*".into(),
            Self::Tag(tag) => format!("t:{tag}"),
            Self::Status(status) => format!("s:{}", status.as_str()),
            Self::Assignee(member) => format!("a:{member}"),
            Self::Commented => "c".into(),
            Self::Reviewed => "r".into(),
            Self::Expected => "x".into(),
            Self::Fields => "f".into(),
            Self::Error => "e".into(),
        }
    }
}

/// The labels of a row that is not deleted, as they are stored; a deleted one has none.
pub fn labels(line: &LoggedLine, overlay: Option<&Overlay>, review: Option<&ReviewState>) -> BTreeSet<String> {
    let mut labels = shown(line, overlay);
    if let Some(review) = review {
        labels.extend(review.expected.set.then_some(Label::Expected));
        labels.extend((!review.fields.is_empty()).then_some(Label::Fields));
    }
    labels.iter().map(Label::to_text).collect()
}

/// Labels that may be stored of a row of which this is stored; the true ones among them.
pub fn stored(line: &LoggedLine, deleted: bool, overlay: Option<&Overlay>) -> BTreeSet<String> {
    if deleted {
        return BTreeSet::new();
    }
    let mut labels = shown(line, overlay);
    if overlay.is_some() {
        labels.extend([Label::Expected, Label::Fields]);
    }
    labels.iter().map(Label::to_text).collect()
}

fn shown(line: &LoggedLine, overlay: Option<&Overlay>) -> Vec<Label> {
    let mut labels = vec![Label::Row];
    let tags = overlay.map_or(&line.tags, |overlay| &overlay.tags);
    labels.extend(tags.iter().filter(|tag| tag.len() <= TAG_BYTES).cloned().map(Label::Tag));
    labels.extend(line.error.is_some().then_some(Label::Error));
    if let Some(overlay) = overlay {
        labels.extend((overlay.status != ReviewStatus::None).then_some(Label::Status(overlay.status)));
        labels.extend(overlay.assignees.iter().copied().map(Label::Assignee));
        labels.extend((overlay.comments > 0).then_some(Label::Commented));
        labels.extend((!overlay.reviewers.is_empty()).then_some(Label::Reviewed));
    }
    labels
}
