//! Who may do what: the one table that every route and both sockets ask.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::InvalidId;

/// What a principal is to an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything, members and keys included.
    Owner,
    /// Configures scores, tags, everybody's views and feedback keys.
    Lead,
    /// Judges.
    Reviewer,
    /// Reads.
    Viewer,
    /// A key that writes rows and feedback and reads nothing.
    Ingest,
    /// A publishable key that writes feedback for listed scores of one project and reads nothing.
    Feedback,
}

/// Everything that can be asked for. Reading is always within the principal's own organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Log in with a key and learn the organization's name and addresses.
    Login,
    /// Get a project, an experiment or a dataset by name, or make it.
    RegisterProject,
    /// Read projects, rows, reviews, scores, members, metrics, history.
    Read,
    /// Read the figures of the whole process, whichever organization they come from.
    Observe,
    /// Rename or delete a project, an experiment or a dataset.
    ManageProject,
    /// Write rows.
    WriteRows,
    /// Give feedback on any score of any project.
    GiveFeedback,
    /// Give feedback within the limits of a feedback key.
    GivePublicFeedback,
    /// Judge, comment, correct, tag, flag, assign, complete.
    Review,
    /// Resolve and delete other people's comments.
    Moderate,
    /// Create, change and delete scores and tags, and change views that others made for everybody.
    Configure,
    /// Make views, and change one's own.
    SaveViews,
    /// Make and delete feedback keys.
    ManageFeedbackKeys,
    /// Make and delete one's own API keys.
    ManageOwnKeys,
    /// Add and change members, and make keys for others.
    ManageMembers,
    /// Rename the organization.
    ManageOrganization,
}

impl Role {
    /// Whether a principal of this role may do `action`.
    pub fn may(self, action: Action) -> bool {
        use Action as A;
        match action {
            A::Login => self != Self::Feedback,
            A::RegisterProject => matches!(self, Self::Owner | Self::Lead | Self::Reviewer | Self::Ingest),
            A::Read => matches!(self, Self::Owner | Self::Lead | Self::Reviewer | Self::Viewer),
            A::WriteRows | A::GiveFeedback => matches!(self, Self::Owner | Self::Lead | Self::Reviewer | Self::Ingest),
            A::GivePublicFeedback => {
                matches!(self, Self::Owner | Self::Lead | Self::Reviewer | Self::Ingest | Self::Feedback)
            }
            A::Review | A::SaveViews => matches!(self, Self::Owner | Self::Lead | Self::Reviewer),
            A::ManageOwnKeys => matches!(self, Self::Owner | Self::Lead | Self::Reviewer | Self::Viewer),
            A::Observe | A::ManageProject | A::Moderate | A::Configure | A::ManageFeedbackKeys => {
                matches!(self, Self::Owner | Self::Lead)
            }
            A::ManageMembers | A::ManageOrganization => self == Self::Owner,
        }
    }

    /// The word in JSON and SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Lead => "lead",
            Self::Reviewer => "reviewer",
            Self::Viewer => "viewer",
            Self::Ingest => "ingest",
            Self::Feedback => "feedback",
        }
    }

    /// Whether a person can have it; the other roles belong to keys.
    pub fn is_for_members(self) -> bool {
        matches!(self, Self::Owner | Self::Lead | Self::Reviewer | Self::Viewer)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        [Self::Owner, Self::Lead, Self::Reviewer, Self::Viewer, Self::Ingest, Self::Feedback]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| InvalidId {
                text: text.chars().take(64).collect(),
                expected: "a role (owner, lead, reviewer, viewer)",
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_for_machines_read_nothing() {
        for role in [Role::Ingest, Role::Feedback] {
            assert!(!role.may(Action::Read) && !role.may(Action::Review) && !role.may(Action::ManageMembers));
        }
        assert!(!Role::Viewer.may(Action::Review) && !Role::Viewer.may(Action::WriteRows));
        assert!(!Role::Feedback.may(Action::GiveFeedback));
    }
}
