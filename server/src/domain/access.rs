//! Who is asking, and whether they may.

use concord_shared::ids::{KeyId, MemberId, OrganizationId, ProjectId, Reviewer, SessionId};
use concord_shared::role::{Action, Role};

/// Who is asking: the outcome of checking a cookie, a key or a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Whose data they may see at all.
    pub organization: OrganizationId,
    /// The member who asks, or whose key asks. Absent for feedback keys.
    pub member: Option<MemberId>,
    /// Shown name of the member, or of the key.
    pub name: String,
    /// What they may do; a key may be narrower than its member.
    pub role: Role,
    /// The key, when one was used.
    pub key: Option<KeyId>,
    /// The browser's sign-in, when a cookie was used.
    pub session: Option<SessionId>,
    /// What a feedback key is limited to.
    pub limits: Option<FeedbackLimits>,
}

/// What a feedback key may write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedbackLimits {
    /// The one project.
    pub project: ProjectId,
    /// Names of the scores.
    pub scores: Vec<String>,
    /// Pages that may use it, such as `https://app.example.com`; empty: any.
    pub origins: Vec<String>,
}

/// Something that stopped being valid. Connections of whoever used it are closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// A member was removed, or has another role now.
    Member(MemberId),
    /// A key was deleted.
    Key(KeyId),
    /// A browser signed out.
    Session(SessionId),
}

impl Revocation {
    /// Whether it ends the access of `principal`.
    pub fn ends(&self, principal: &Principal) -> bool {
        match self {
            Self::Member(id) => principal.member == Some(*id),
            Self::Key(id) => principal.key == Some(*id),
            Self::Session(id) => principal.session == Some(*id),
        }
    }
}

/// A refusal by the access table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {role} may not {}", describe(*.action))]
pub struct Denied {
    /// Who asked.
    pub role: Role,
    /// What for.
    pub action: Action,
}

impl Principal {
    /// Asks the access table of [`Role::may`]. The only question any handler asks.
    pub fn permit(&self, action: Action) -> Result<(), Denied> {
        if self.role.may(action) { Ok(()) } else { Err(Denied { role: self.role, action }) }
    }

    /// The key under which this principal's own judgements stand, if they judge as a member.
    pub fn reviewer(&self) -> Option<Reviewer> {
        self.member.filter(|_| self.role.may(Action::Review)).map(Reviewer::Member)
    }
}

fn describe(action: Action) -> &'static str {
    match action {
        Action::Login => "log in over the API",
        Action::RegisterProject => "make projects, experiments and datasets",
        Action::Read => "read",
        Action::Observe => "read the figures of the process",
        Action::ManageProject => "change projects, experiments and datasets",
        Action::WriteRows => "write rows",
        Action::GiveFeedback | Action::GivePublicFeedback => "give feedback",
        Action::Review => "review",
        Action::Moderate => "resolve or delete other people's comments",
        Action::Configure => "configure scores, tags and views of others",
        Action::SaveViews => "save views",
        Action::ManageFeedbackKeys => "manage feedback keys",
        Action::ManageOwnKeys => "manage keys",
        Action::ManageMembers => "manage members",
        Action::ManageOrganization => "change the organization",
    }
}
