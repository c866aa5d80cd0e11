//! What is on its way between pages and servers. In order, as WebSockets are; lost when a connection breaks.

use std::collections::{BTreeSet, VecDeque};

use concord_shared::ids::ConnectionId;
use concord_shared::role::Action;
use concord_shared::wire::notice::Notice;

use super::world::{Checked, World};
use crate::domain::gate::Writer;
use crate::domain::room::{Event, decode_message};

/// Messages that may wait for a slow reader. Small, so that plans reach it.
const OUTBOX: usize = 16;

/// One connection, both ways.
pub(super) struct Link {
    pub(super) client: u8,
    pub(super) server: u8,
    pub(super) to_server: VecDeque<Up>,
    pub(super) to_client: VecDeque<Down>,
    /// Documents that it has opened.
    pub(super) joined: BTreeSet<u8>,
    /// The server sends nothing more.
    pub(super) is_shut: bool,
    /// The page is no longer on it.
    pub(super) is_cut: bool,
    /// The server has forgotten it.
    pub(super) is_left: bool,
    /// Something was sent on it that the page does not have.
    pub(super) lied: bool,
}

pub(super) enum Up {
    Sync {
        document: u8,
        message: Vec<u8>,
    },
    /// The server learns that the connection is over.
    Leave,
}

pub(super) enum Down {
    Sync { document: u8, message: Vec<u8> },
    Notify { document: u8, notice: Notice },
    Close,
}

impl World {
    /// A page connects, with fresh sync states, and syncs everything it has open.
    pub(super) fn connect(&mut self, client: u8, server: u8) {
        if self.clients[usize::from(client)].connection.is_some() {
            return;
        }
        let connection = ConnectionId(self.name());
        let page = &mut self.clients[usize::from(client)];
        page.connection = Some(connection);
        page.replicas.values_mut().for_each(super::client::Replica::reconnect);
        self.oracle.writers.insert(connection, page.member);
        let link = Link {
            client,
            server,
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
            joined: BTreeSet::new(),
            is_shut: false,
            is_cut: false,
            is_left: false,
            lied: false,
        };
        self.links.insert(connection, link);
        self.flush(client);
    }

    /// The connection breaks from the page's side.
    pub(super) fn cut(&mut self, client: u8) {
        let Some(connection) = self.clients[usize::from(client)].connection.take() else { return };
        let Some(link) = self.links.get_mut(&connection) else { return };
        link.is_cut = true;
        link.to_client.clear();
        link.to_server.push_back(Up::Leave);
    }

    /// A page sends what is due.
    pub(super) fn flush(&mut self, client: u8) {
        let page = &mut self.clients[usize::from(client)];
        let Some(connection) = page.connection else { return };
        for (document, replica) in page.replicas.iter_mut().filter(|(_, replica)| replica.is_due) {
            if let Some(message) = replica.message() {
                page.sent.push((*document, message.clone()));
                if let Some(link) = self.links.get_mut(&connection) {
                    link.to_server.push_back(Up::Sync { document: *document, message });
                }
            }
        }
    }

    pub(super) fn carry_up(&mut self, client: u8, count: u8) -> Checked {
        // What a page sent on its former connections arrives as well.
        let own = self.links.iter().filter(|(_, link)| link.client == client).map(|(connection, _)| *connection);
        for connection in own.collect::<Vec<_>>() {
            for _ in 0..count {
                self.carry_up_one(connection)?;
            }
        }
        Ok(())
    }

    /// Brings one message to a server. `false`: there is none.
    pub(super) fn carry_up_one(&mut self, connection: ConnectionId) -> Result<bool, String> {
        let Some(link) = self.links.get_mut(&connection) else { return Ok(false) };
        let Some(up) = link.to_server.pop_front() else { return Ok(false) };
        let server = link.server;
        match up {
            _ if link.is_left => {}
            Up::Leave => {
                link.is_left = true;
                let joined = link.joined.clone();
                if link.is_cut {
                    self.links.remove(&connection);
                }
                for document in joined {
                    self.handle(server, document, Event::Leave { connection })?;
                }
            }
            Up::Sync { document, message } => {
                let is_new = link.joined.insert(document);
                let page = &self.clients[usize::from(link.client)];
                let writer = Writer { member: page.member, role: page.role };
                let writer = Some(writer).filter(|writer| writer.role.may(Action::Review));
                self.open_room(server, document)?;
                if is_new {
                    self.handle(server, document, Event::Join { connection, writer })?;
                }
                match decode_message(&message) {
                    Ok(message) => {
                        let event = Event::Sync { connection, message: Box::new(message) };
                        self.handle(server, document, event)?;
                    }
                    Err(_) => self.shut(connection),
                }
            }
        }
        Ok(true)
    }

    pub(super) fn carry_down(&mut self, client: u8, count: u8) -> Checked {
        for _ in 0..count {
            self.carry_down_one(client)?;
        }
        Ok(())
    }

    /// Brings one message to a page, which answers at once. `false`: there is none.
    pub(super) fn carry_down_one(&mut self, client: u8) -> Result<bool, String> {
        let fresh = self.actor();
        let page = &mut self.clients[usize::from(client)];
        let Some(connection) = page.connection else { return Ok(false) };
        let Some(link) = self.links.get_mut(&connection) else { return Ok(false) };
        match link.to_client.pop_front() {
            None => return Ok(false),
            Some(Down::Close) => {
                page.connection = None;
                link.is_cut = true;
                if link.is_left {
                    self.links.remove(&connection);
                }
            }
            Some(Down::Notify { document, notice }) => {
                if let Some(replica) = page.replicas.get_mut(&document) {
                    self.oracle.pages.insert(fresh.clone());
                    replica.roll_back(&notice, fresh);
                }
            }
            Some(Down::Sync { document, message }) => {
                let Some(replica) = page.replicas.get_mut(&document) else { return Ok(true) };
                replica.receive(&message)?;
                if let Some(message) = replica.message() {
                    page.sent.push((document, message.clone()));
                    link.to_server.push_back(Up::Sync { document, message });
                }
            }
        }
        Ok(true)
    }

    /// Puts a message into a connection's outbox; a full one ends the connection (rule R6).
    pub(super) fn send(&mut self, to: ConnectionId, down: Down) {
        let Some(link) = self.links.get_mut(&to).filter(|link| !link.is_shut && !link.is_cut) else { return };
        if link.to_client.len() >= OUTBOX {
            self.shut(to);
        } else {
            link.to_client.push_back(down);
        }
    }

    /// The server ends a connection after what it has sent; what the page has sent until it notices is still read.
    pub(super) fn shut(&mut self, connection: ConnectionId) {
        let Some(link) = self.links.get_mut(&connection).filter(|link| !link.is_shut) else { return };
        link.is_shut = true;
        if !link.is_cut {
            link.to_client.push_back(Down::Close);
        }
        link.to_server.push_back(Up::Leave);
    }
}
