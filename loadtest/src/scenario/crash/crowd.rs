//! Everybody who writes, and what the server owes them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use automerge::ChangeHash;

use super::Tally;
use super::caller::{EndUser, Logger};
use super::person::Person;
use crate::failure::Failure;
use crate::world::{Review, World};

/// People who write in one review.
pub(super) const PEOPLE: usize = 2;

/// Everybody who writes.
pub(super) struct Crowd {
    pub(super) people: Vec<Person>,
    users: Vec<EndUser>,
    logger: Logger,
}

/// What the server owes at some moment.
pub(super) struct Owed {
    changes: Vec<BTreeSet<ChangeHash>>,
    given: Vec<u32>,
    rows: Vec<String>,
}

impl Crowd {
    pub(super) fn of(world: &World, reviews: &[Review]) -> Self {
        let api = &world.api;
        let people = reviews
            .iter()
            .flat_map(|review| world.members.iter().map(|member| Person::new(member.api.clone(), &member.id, review)));
        let users = reviews.iter().enumerate().map(|(index, review)| EndUser {
            api: api.clone(),
            project: world.project.clone(),
            review: review.clone(),
            name: format!("user-{index}"),
            sent: 0,
            acknowledged: Arc::default(),
        });
        let logger = Logger { api: api.clone(), project: world.project.clone(), acknowledged: Arc::default() };
        Self { people: people.collect(), users: users.collect(), logger }
    }

    pub(super) fn go_to(&mut self, url: &str) {
        let apis = self.people.iter_mut().map(|person| &mut person.api);
        let apis = apis.chain(self.users.iter_mut().map(|user| &mut user.api)).chain([&mut self.logger.api]);
        apis.for_each(|api| *api = api.at(url));
    }

    /// Edits over the socket.
    pub(super) fn edits(&self) -> usize {
        self.people.iter().map(Person::edits).sum()
    }

    /// Everybody works until the server is gone.
    pub(super) async fn work(self) -> Self {
        let people: Vec<_> = self.people.into_iter().map(|person| tokio::spawn(person.work())).collect();
        let users: Vec<_> = self.users.into_iter().map(|user| tokio::spawn(user.work())).collect();
        let logger = self.logger.work().await;
        let mut crowd = Self { people: Vec::new(), users: Vec::new(), logger };
        for person in people {
            crowd.people.push(person.await.expect("a person does not panic"));
        }
        for user in users {
            crowd.users.push(user.await.expect("an end user does not panic"));
        }
        crowd
    }

    /// What the server owes, once nobody writes.
    pub(super) fn owed(&self) -> Owed {
        Owed { changes: self.people.iter().map(Person::promised).collect(), ..self.shared().owed() }
    }

    /// Holds the server, which is back, against what it owes.
    pub(super) async fn check(&self, owed: &Owed, tally: &mut Tally) -> Result<(), Failure> {
        let mut stored: BTreeMap<&str, BTreeSet<ChangeHash>> = BTreeMap::new();
        for (person, promised) in self.people.iter().zip(&owed.changes) {
            let document = person.review.document.as_str();
            if !stored.contains_key(document) {
                stored.insert(document, Person::look(&person.api, &person.reviewer, &person.review).await?);
            }
            let lost: Vec<_> = promised.difference(&stored[document]).collect();
            if let Some(first) = lost.first() {
                let who = &person.reviewer;
                tally.faults.push(format!("{} changes that {who} was promised are lost, such as {first}", lost.len()));
            }
            tally.checked += promised.len();
        }
        for (user, given) in self.users.iter().zip(&owed.given) {
            tally.faults.extend(user.fault(*given, user.stored().await?));
            tally.checked += 1;
        }
        let lost = self.logger.lost(&owed.rows).await?;
        tally.checked += owed.rows.len();
        tally.faults.extend(lost.first().map(|first| format!("{} rows are lost, such as {first}", lost.len())));
        locked(&self.logger.acknowledged).clear();
        Ok(())
    }

    /// As people who have closed their pages: what they have is what the server has.
    pub(super) async fn start_again(mut self) -> Result<Self, Failure> {
        for person in &mut self.people {
            *person = Person::new(person.api.clone(), &person.reviewer, &person.review);
        }
        for user in &self.users {
            let stored = user.stored().await?;
            user.acknowledged.store(stored, Ordering::Relaxed);
        }
        Ok(self)
    }
}

/// What can be asked while everybody works.
pub(super) struct Kept {
    changes: Vec<Arc<Mutex<BTreeSet<ChangeHash>>>>,
    given: Vec<Arc<AtomicU32>>,
    rows: Arc<Mutex<Vec<String>>>,
}

impl Crowd {
    pub(super) fn shared(&self) -> Kept {
        Kept {
            changes: self.people.iter().map(|person| person.acknowledged.clone()).collect(),
            given: self.users.iter().map(|user| user.acknowledged.clone()).collect(),
            rows: self.logger.acknowledged.clone(),
        }
    }
}

impl Kept {
    /// What has been acknowledged so far. More feedback may be on its way.
    pub(super) fn owed(&self) -> Owed {
        Owed {
            changes: self.changes.iter().map(|changes| locked(changes).clone()).collect(),
            given: self.given.iter().map(|given| given.load(Ordering::Relaxed)).collect(),
            rows: locked(&self.rows).clone(),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
