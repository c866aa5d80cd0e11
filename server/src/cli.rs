//! The command line. A contract: scripts rely on it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{self, Config, Given};

mod copy_files;
mod manage;
mod meter;
mod serve;
mod upkeep;

/// Bad configuration or a wrong command.
const MISCONFIGURED: u8 = 2;

/// People review what an AI system did: one server, one database.
#[derive(Parser)]
#[command(name = "concord", version, disable_help_subcommand = true, arg_required_else_help = false)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve(Box<Serve>),
    /// List, add, invite and remove members
    #[command(subcommand)]
    Member(manage::Member),
    /// List, add and remove API keys
    #[command(subcommand)]
    Key(manage::Key),
    /// List and add organizations
    #[command(subcommand)]
    Org(manage::Org),
    /// Check the audit trail
    #[command(subcommand)]
    Audit(upkeep::Audit),
    /// Print the description of the API that GET /openapi.json answers
    Openapi,
    /// Make everything anew that is derived from documents and logged rows; no server may be running
    Rebuild(Database),
    /// Write a copy of everything to a new file, also while the server is running
    Backup {
        /// The file to write; it must not exist. Attachments go to a folder beside it
        dest: PathBuf,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        attachments: Attachments,
    },
    /// Make a new database of a backup
    Restore {
        /// A file that `concord backup` wrote
        source: PathBuf,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        attachments: Attachments,
    },
}

#[derive(Args)]
struct Serve {
    /// Address and port [default: 127.0.0.1:8484]
    #[arg(long, env = "CONCORD_LISTEN", hide_env_values = true)]
    listen: Option<String>,
    #[command(flatten)]
    database: Database,
    /// Origin under which browsers and clients reach the server [default: the address it listens on]
    #[arg(long, env = "CONCORD_PUBLIC_URL", hide_env_values = true)]
    public_url: Option<String>,
    #[command(flatten)]
    attachments: Attachments,
    /// GiB that an organization's attachments may take together [default: 100]
    #[arg(long, env = "CONCORD_ATTACHMENT_QUOTA", hide_env_values = true)]
    attachment_quota: Option<String>,
    /// File to append a line of JSON to for every request [default: none]
    #[arg(long, env = "CONCORD_ACCESS_LOG", hide_env_values = true)]
    access_log: Option<String>,
    /// MiB that open reviews may take before those that nobody uses are closed [default: 256]
    #[arg(long, env = "CONCORD_DOCUMENT_MEMORY", hide_env_values = true)]
    document_memory: Option<String>,
    /// An API that speaks OpenAI's protocol, asked what the built-in grammar of English filters does not understand
    #[arg(long, env = "CONCORD_LLM_URL", hide_env_values = true)]
    llm_url: Option<String>,
    /// Name of the model there
    #[arg(long, env = "CONCORD_LLM_MODEL", hide_env_values = true)]
    llm_model: Option<String>,
    #[arg(long, env = "CONCORD_LLM_KEY", hide = true, hide_env_values = true)]
    llm_key: Option<String>,
    /// 1 lets webhooks lead to this machine and to private networks
    #[arg(long, env = "CONCORD_WEBHOOK_PRIVATE", hide = true)]
    webhook_private: Option<String>,
    /// Seed a believable project and print sign-in links
    #[arg(long)]
    demo: bool,
    #[arg(long, env = "CONCORD_NATS_URL", hide = true)]
    nats_url: Option<String>,
    #[arg(long, env = "CONCORD_ORG", hide = true)]
    org: Option<String>,
    #[arg(long, env = "CONCORD_ADMIN_EMAIL", hide = true)]
    admin_email: Option<String>,
    #[arg(long, env = "CONCORD_ADMIN_PASSWORD", hide = true, hide_env_values = true)]
    admin_password: Option<String>,
    #[arg(long, env = "CONCORD_ADMIN_API_KEY", hide = true, hide_env_values = true)]
    admin_api_key: Option<String>,
}

#[derive(Args, Clone)]
struct Database {
    /// Where the data is: sqlite://path or postgres://… [default: sqlite://concord-data/concord.db]
    #[arg(long = "database", env = "CONCORD_DATABASE_URL", hide_env_values = true)]
    url: Option<String>,
}

#[derive(Args, Clone)]
struct Attachments {
    /// Where attachments are kept: a folder, or s3://bucket/prefix [default: attachments beside the database]
    #[arg(long = "attachments", env = "CONCORD_ATTACHMENTS", hide_env_values = true)]
    place: Option<String>,
}

impl Database {
    fn check(&self) -> Result<config::Database, String> {
        config::database(self.url.clone().filter(|url| !url.trim().is_empty()))
    }
}

impl Serve {
    fn check(self) -> Result<Config, String> {
        let given = Given {
            listen: self.listen,
            database: self.database.url,
            public_url: self.public_url,
            attachments: self.attachments.place,
            attachment_quota: self.attachment_quota,
            access_log: self.access_log,
            document_memory: self.document_memory,
            llm_url: self.llm_url,
            llm_model: self.llm_model,
            llm_key: self.llm_key,
            webhook_private: self.webhook_private,
            demo: self.demo,
            nats: self.nats_url,
            organization: self.org,
            email: self.admin_email,
            password: self.admin_password,
            key: self.admin_api_key,
        };
        given.check()
    }
}

/// Runs the command. What went wrong is one line on stderr.
pub async fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if !error.use_stderr() => {
            print!("{error}");
            return ExitCode::SUCCESS;
        }
        Err(error) => return misconfigured(&one_line(&error.to_string())),
    };
    match cli.command {
        Command::Serve(given) => match given.check() {
            Ok(config) => serve::run(config).await,
            Err(line) => misconfigured(&line),
        },
        Command::Member(command) => manage::member(command).await,
        Command::Key(command) => manage::key(command).await,
        Command::Org(command) => manage::org(command).await,
        Command::Audit(upkeep::Audit::Verify(database)) => upkeep::verify(&database).await,
        Command::Openapi => openapi(),
        Command::Rebuild(database) => upkeep::rebuild(&database).await,
        Command::Backup { dest, database, attachments } => upkeep::backup(&dest, &database, attachments).await,
        Command::Restore { source, database, attachments } => upkeep::restore(&source, &database, attachments).await,
    }
}

/// `concord openapi`.
fn openapi() -> ExitCode {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    match out.write_all(&crate::http::openapi::document()).and_then(|()| out.write_all(b"\n")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&format!("the description was not written: {error}")),
    }
}

fn misconfigured(line: &str) -> ExitCode {
    eprintln!("concord: {line}");
    ExitCode::from(MISCONFIGURED)
}

fn failed(line: &str) -> ExitCode {
    eprintln!("concord: {line}");
    ExitCode::FAILURE
}

/// The parser explains itself over several lines; its first paragraph says it all.
fn one_line(text: &str) -> String {
    let paragraph = text.trim_start_matches("error: ").split("\n\n").next().unwrap_or(text);
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn mistakes_are_one_line() {
        for arguments in [
            &["concord"][..],
            &["concord", "serv"],
            &["concord", "serve", "--lisen", "x"],
            &["concord", "member", "add"],
        ] {
            let error = Cli::try_parse_from(arguments).err().expect("must be refused");
            let line = one_line(&error.to_string());
            assert!(!line.is_empty() && !line.contains('\n') && !line.starts_with("error"), "{line}");
        }
    }
}
