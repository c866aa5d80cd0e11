//! `concord member`, `concord key`, `concord org`: accounts without the web app. They may run beside the server, which
//! notices within two seconds.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use concord_shared::ids::KeyId;
use concord_shared::role::Role;

use super::{Database, failed, misconfigured};
use crate::accounts::{self, AccountError, NewMember};
use crate::clock::Clock;
use crate::config::FirstStart;
use crate::domain::account::{Credentials, MemberChange, Organization, check};
use crate::domain::store::{Store, StoreError};
use crate::passwords::Passwords;
use crate::store;

#[derive(Subcommand)]
pub(super) enum Member {
    /// Print all members
    List(In),
    /// Add a member; without a password an invitation is printed
    Add {
        /// E-mail address
        email: String,
        /// Shown name
        #[arg(long)]
        name: String,
        /// owner, lead, reviewer or viewer
        #[arg(long)]
        role: Role,
        /// Password, at least 8 characters
        #[arg(long)]
        password: Option<String>,
        #[command(flatten)]
        links: Links,
        #[command(flatten)]
        within: In,
    },
    /// Print a link with which a member chooses a new password
    Invite {
        /// E-mail address
        email: String,
        #[command(flatten)]
        links: Links,
        #[command(flatten)]
        database: Database,
    },
    /// Remove a member with their sessions and keys; what they judged stays
    Remove {
        /// E-mail address
        email: String,
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Subcommand)]
pub(super) enum Key {
    /// Print all keys without their secrets
    List(In),
    /// Make a key and print it
    Add {
        /// E-mail of the member as whom it acts
        email: String,
        /// What it is for
        #[arg(long)]
        name: String,
        /// Narrow it to writing rows and feedback
        #[arg(long)]
        ingest: bool,
        #[command(flatten)]
        database: Database,
    },
    /// Delete a key
    Remove {
        /// Id of the key, as `list` prints it
        id: KeyId,
        #[command(flatten)]
        within: In,
    },
}

#[derive(Subcommand)]
pub(super) enum Org {
    /// Print all organizations
    List(Database),
    /// Add an organization with its owner and print the owner's API key
    Add {
        /// Name of the organization
        name: String,
        /// E-mail of its owner
        #[arg(long)]
        owner_email: String,
        /// Password of its owner
        #[arg(long)]
        owner_password: String,
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Args)]
pub(super) struct In {
    /// Name of the organization; needed when there are several
    #[arg(long)]
    org: Option<String>,
    #[command(flatten)]
    database: Database,
}

#[derive(Args)]
pub(super) struct Links {
    /// Origin for printed links
    #[arg(long, env = "CONCORD_PUBLIC_URL", hide_env_values = true, default_value = "http://127.0.0.1:8484")]
    public_url: String,
}

/// What ends a command early: `Wrong` can be mended by the caller.
enum Trouble {
    Wrong(String),
    Failed(String),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } => Self::Wrong(error.to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<AccountError> for Trouble {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Store(error) => error.into(),
            AccountError::Password(error) => Self::Failed(error.to_string()),
        }
    }
}

impl From<String> for Trouble {
    fn from(line: String) -> Self {
        Self::Wrong(line)
    }
}

fn finish(result: Result<(), Trouble>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Trouble::Wrong(line)) => misconfigured(&line),
        Err(Trouble::Failed(line)) => failed(&line),
    }
}

pub(super) async fn member(command: Member) -> ExitCode {
    finish(run_member(command).await)
}

pub(super) async fn key(command: Key) -> ExitCode {
    finish(run_key(command).await)
}

pub(super) async fn org(command: Org) -> ExitCode {
    finish(run_org(command).await)
}

async fn run_member(command: Member) -> Result<(), Trouble> {
    let now = Clock::system().now();
    match command {
        Member::List(within) => {
            let store = open(&within.database).await?;
            for member in store.members(organization(&*store, within.org.as_deref()).await?.id).await? {
                let removed = if member.disabled { "\tremoved" } else { "" };
                println!("{}\t{}\t{}\t{}{removed}", member.id, member.email, member.name, member.role);
            }
        }
        Member::Add { email, name, role, password, links, within } => {
            let (email, name) = (check::email(&email)?, check::name("--name", &name)?);
            if !role.is_for_members() {
                return Err(Trouble::Wrong(format!(
                    "--role {role} is for keys; choose owner, lead, reviewer or viewer"
                )));
            }
            if let Some(password) = &password {
                check::password(password)?;
            }
            let public_url = check::origin(&links.public_url)?;
            let store = open(&within.database).await?;
            let organization = organization(&*store, within.org.as_deref()).await?.id;
            let new = NewMember { organization, email, name, role, password };
            let (member, link) = accounts::add_member(&*store, &Passwords::default(), new, now).await?;
            println!("{}", member.id);
            if let Some(secret) = link {
                println!("{}", accounts::invitation_url(&public_url, &secret));
            }
        }
        Member::Invite { email, links, database } => {
            let public_url = check::origin(&links.public_url)?;
            let store = open(&database).await?;
            let secret = accounts::invite(&*store, find(&*store, &email).await?.member.id, now).await?;
            println!("{}", accounts::invitation_url(&public_url, &secret));
        }
        Member::Remove { email, database } => {
            let store = open(&database).await?;
            let member = find(&*store, &email).await?.member;
            if store.remove_member(member.organization, member.id, now).await? == MemberChange::LastOwner {
                return Err(Trouble::Wrong(format!(
                    "{} is the last owner; make somebody else an owner first",
                    member.email
                )));
            }
        }
    }
    Ok(())
}

async fn run_key(command: Key) -> Result<(), Trouble> {
    match command {
        Key::List(within) => {
            let store = open(&within.database).await?;
            for key in store.keys(organization(&*store, within.org.as_deref()).await?.id).await? {
                let scope = if key.ingest { "ingest" } else { "member" };
                println!("{}\t{}…\t{}\t{scope}\t{}", key.id, key.prefix, key.name, key.member);
            }
        }
        Key::Add { email, name, ingest, database } => {
            let name = check::name("--name", &name)?;
            let store = open(&database).await?;
            let member = find(&*store, &email).await?.member;
            let secret = accounts::key_secret();
            let key = accounts::new_key(&member, &name, ingest, &secret, Clock::system().now());
            store.add_key(&key, secret.digest()).await?;
            println!("{}", secret.reveal());
        }
        Key::Remove { id, within } => {
            let store = open(&within.database).await?;
            let organization = organization(&*store, within.org.as_deref()).await?;
            if !store.remove_key(organization.id, id).await? {
                return Err(Trouble::Wrong(format!("{} has no key {id}", organization.name)));
            }
        }
    }
    Ok(())
}

async fn run_org(command: Org) -> Result<(), Trouble> {
    match command {
        Org::List(database) => {
            for organization in open(&database).await?.organizations().await? {
                println!("{}\t{}", organization.id, organization.name);
            }
        }
        Org::Add { name, owner_email, owner_password, database } => {
            let secret = accounts::key_secret();
            let first = FirstStart {
                organization: check::name("the name", &name)?,
                email: check::email(&owner_email)?,
                password: Some(owner_password).filter(|password| !password.is_empty()),
                key: Some(secret.clone()),
            };
            let store = open(&database).await?;
            accounts::add_organization(&*store, &Passwords::default(), &first, Clock::system().now()).await?;
            println!("{}", secret.reveal());
        }
    }
    Ok(())
}

async fn open(database: &Database) -> Result<Arc<dyn Store>, Trouble> {
    let database = database.check()?;
    store::open_beside(&database)
        .await
        .map_err(|error| Trouble::Wrong(format!("cannot open the database {database}: {error}")))
}

/// The organization of that name, or the only one.
async fn organization(store: &dyn Store, name: Option<&str>) -> Result<Organization, Trouble> {
    let all = store.organizations().await?;
    let names = all.iter().map(|organization| organization.name.clone()).collect::<Vec<_>>().join(", ");
    match name {
        Some(name) => all
            .into_iter()
            .find(|organization| organization.name == name)
            .ok_or_else(|| Trouble::Wrong(format!("there is no organization {name:?}; there are: {names}"))),
        None if all.len() > 1 => Err(Trouble::Wrong(format!("say which with --org; there are: {names}"))),
        None => all.into_iter().next().ok_or_else(|| {
            Trouble::Wrong("there is no organization yet; start the server, or say concord org add".to_owned())
        }),
    }
}

async fn find(store: &dyn Store, email: &str) -> Result<Credentials, Trouble> {
    let email = check::email(email)?;
    store.credentials(&email).await?.ok_or_else(|| Trouble::Wrong(format!("there is no member {email}")))
}
