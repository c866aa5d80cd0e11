//! Soft holds: who is on which row right now. Shown to others and in nobody's way; kept in memory, as they mean nothing an hour later.

use std::collections::{BTreeMap, BTreeSet};

use concord_shared::ids::{MemberId, ObjectRef, ProjectId};
use concord_shared::moment::Moment;

use super::notice::Finished;

/// How long a hold lasts unless it is renewed, in microseconds: a quarter of an hour.
pub const LASTS: i64 = 15 * 60 * 1_000_000;

/// Holds of one member; the oldest ends when there would be more. Nobody is on more rows than they have tabs.
const EACH: usize = 20;

/// Holds of a project; beyond it nobody's new hold is kept. Fifty members with all they may have.
const PROJECT: usize = 1000;

/// A row of a project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The container.
    pub object: ObjectRef,
    /// The row.
    pub row_id: String,
}

/// A member on a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Who.
    pub member: MemberId,
    /// Their name.
    pub name: String,
    /// When it ends by itself.
    pub until: Moment,
}

/// All holds of this server.
#[derive(Debug, Default)]
pub struct Holds {
    projects: BTreeMap<ProjectId, BTreeMap<Place, Hold>>,
}

impl Holds {
    /// Takes a row, renews one's hold on it, or learns who has it. `None`: nobody, and there is no room for another.
    pub fn take(
        &mut self,
        now: Moment,
        project: ProjectId,
        place: Place,
        member: MemberId,
        name: &str,
    ) -> Option<Hold> {
        self.sweep(now);
        let held = self.projects.entry(project).or_default();
        if let Some(known) = held.get(&place).filter(|hold| hold.member != member) {
            return Some(known.clone());
        }
        if !held.contains_key(&place) {
            let own = || held.iter().filter(|(_, hold)| hold.member == member);
            if own().count() >= EACH {
                let oldest = own().min_by_key(|(_, hold)| hold.until).map(|(place, _)| place.clone());
                oldest.and_then(|oldest| held.remove(&oldest));
            }
            if held.len() >= PROJECT {
                return None;
            }
        }
        let hold = Hold { member, name: name.to_owned(), until: Moment(now.0 + LASTS) };
        held.insert(place, hold.clone());
        Some(hold)
    }

    /// Gives a row back; whether the member had it.
    pub fn give_back(&mut self, project: ProjectId, place: &Place, member: MemberId) -> bool {
        self.end(project, place, |hold| hold.member == member)
    }

    /// Ends the hold of whoever has finished with a row; whether there was one.
    pub fn finish(&mut self, project: ProjectId, finished: &Finished) -> bool {
        let place = Place { object: finished.object, row_id: finished.row_id.clone() };
        self.end(project, &place, |hold| finished.complete || finished.by.contains(&hold.member))
    }

    /// Ends all holds of a member who has left; in which projects.
    pub fn leave(&mut self, member: MemberId) -> BTreeSet<ProjectId> {
        self.retain(|hold| hold.member != member)
    }

    /// Ends what has not been renewed; in which projects.
    pub fn sweep(&mut self, now: Moment) -> BTreeSet<ProjectId> {
        self.retain(|hold| hold.until > now)
    }

    /// Who is on which row of a project.
    pub fn of(&self, project: ProjectId) -> impl Iterator<Item = (&Place, &Hold)> {
        self.projects.get(&project).into_iter().flatten()
    }

    fn end(&mut self, project: ProjectId, place: &Place, ends: impl FnOnce(&Hold) -> bool) -> bool {
        let Some(held) = self.projects.get_mut(&project) else { return false };
        held.get(place).is_some_and(ends) && held.remove(place).is_some()
    }

    fn retain(&mut self, stays: impl Fn(&Hold) -> bool) -> BTreeSet<ProjectId> {
        let mut changed = BTreeSet::new();
        self.projects.retain(|project, held| {
            let before = held.len();
            held.retain(|_, hold| stays(hold));
            if held.len() < before {
                changed.insert(*project);
            }
            !held.is_empty()
        });
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_000_000_000);

    fn place(project: ProjectId, row: &str) -> Place {
        Place { object: ObjectRef::logs(project), row_id: row.into() }
    }

    #[test]
    fn a_row_is_held_by_one_until_they_give_it_back_or_time_passes() {
        let (project, noor, mei) = (ProjectId::new(), MemberId::new(), MemberId::new());
        let mut holds = Holds::default();
        let take = |holds: &mut Holds, at, member| {
            holds.take(at, project, place(project, "a"), member, "n").map(|hold| hold.member)
        };
        assert_eq!(take(&mut holds, NOW, noor), Some(noor));
        assert_eq!(take(&mut holds, NOW, mei), Some(noor), "visible, and left alone");
        assert!(!holds.give_back(project, &place(project, "a"), mei));
        assert!(holds.give_back(project, &place(project, "a"), noor));
        assert_eq!(take(&mut holds, NOW, mei), Some(mei));
        let half = Moment(NOW.0 + LASTS / 2);
        assert_eq!(take(&mut holds, half, mei), Some(mei), "renewed");
        assert!(holds.sweep(Moment(NOW.0 + LASTS)).is_empty());
        assert_eq!(holds.sweep(Moment(half.0 + LASTS)), BTreeSet::from([project]));
        assert_eq!(holds.of(project).count(), 0);
    }

    #[test]
    fn a_hold_ends_when_its_holder_has_finished_or_left() {
        let (project, noor, mei) = (ProjectId::new(), MemberId::new(), MemberId::new());
        let mut holds = Holds::default();
        let done = |row: &str, complete, by| {
            let place = place(project, row);
            Finished { object: place.object, row_id: place.row_id, complete, by }
        };
        for row in ["a", "b", "c"] {
            holds.take(NOW, project, place(project, row), noor, "Noor");
        }
        assert!(!holds.finish(project, &done("a", false, vec![mei])), "somebody else has finished");
        assert!(holds.finish(project, &done("a", false, vec![noor])));
        assert!(holds.finish(project, &done("b", true, vec![mei])), "complete for everybody");
        assert_eq!(holds.leave(noor), BTreeSet::from([project]));
        assert_eq!(holds.of(project).count(), 0);
    }

    #[test]
    fn holds_are_bounded() {
        let project = ProjectId::new();
        let mut holds = Holds::default();
        let noor = MemberId::new();
        for n in 0..30 {
            holds.take(Moment(NOW.0 + n), project, place(project, &format!("{n:02}")), noor, "Noor");
        }
        let rows: Vec<&str> = holds.of(project).map(|(place, _)| place.row_id.as_str()).collect();
        assert_eq!((rows.len(), rows[0]), (EACH, "10"), "the oldest have ended");
        for n in 0..PROJECT {
            holds.take(NOW, project, place(project, &format!("x{n}")), MemberId::new(), "n");
        }
        assert_eq!(holds.of(project).count(), PROJECT);
        assert_eq!(holds.take(NOW, project, place(project, "more"), MemberId::new(), "n"), None);
    }
}
