//! Takes changes apart and puts them together wrongly, with a right checksum.

use automerge::{Change, ExpandedChange};
use sha2::{Digest, Sha256};

/// The parts of a change chunk.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    pub(crate) kind: u8,
    pub(crate) deps: Vec<[u8; 32]>,
    pub(crate) actor: Vec<u8>,
    pub(crate) seq: u64,
    pub(crate) start_op: u64,
    pub(crate) time: i64,
    pub(crate) message: Vec<u8>,
    pub(crate) others: Vec<Vec<u8>>,
    pub(crate) columns: Vec<(u64, Vec<u8>)>,
    pub(crate) extra: Vec<u8>,
}

/// Encodes an unsigned LEB128.
pub(crate) fn unsigned(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}

/// Encodes a signed LEB128.
pub(crate) fn signed(mut value: i64, out: &mut Vec<u8>) {
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if (value == 0 && byte & 0x40 == 0) || (value == -1 && byte & 0x40 != 0) {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}

fn blob(bytes: &[u8], out: &mut Vec<u8>) {
    unsigned(bytes.len() as u64, out);
    out.extend(bytes);
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    fn number(&mut self) -> i128 {
        let (mut value, mut shift) = (0_i128, 0);
        loop {
            let byte = self.take(1)[0];
            value |= i128::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return value;
            }
        }
    }

    fn unsigned(&mut self) -> u64 {
        self.number().try_into().expect("an unsigned number")
    }

    fn blob(&mut self) -> Vec<u8> {
        let length = self.unsigned() as usize;
        self.take(length).to_vec()
    }
}

impl Raw {
    /// Takes a valid change with a time of 1970 or later apart.
    pub(crate) fn parse(chunk: &[u8]) -> Self {
        let mut input = Input(&chunk[9..]);
        input.unsigned();
        let deps = (0..input.unsigned()).map(|_| input.take(32).try_into().expect("a hash")).collect();
        let actor = input.blob();
        let (seq, start_op) = (input.unsigned(), input.unsigned());
        let time = input.number() as i64;
        let message = input.blob();
        let others = (0..input.unsigned()).map(|_| input.blob()).collect();
        let layout: Vec<(u64, usize)> =
            (0..input.unsigned()).map(|_| (input.unsigned(), input.unsigned() as usize)).collect();
        let columns = layout.into_iter().map(|(spec, length)| (spec, input.take(length).to_vec())).collect();
        Self { kind: chunk[8], deps, actor, seq, start_op, time, message, others, columns, extra: input.0.to_vec() }
    }

    /// Puts it together.
    pub(crate) fn build(&self) -> Vec<u8> {
        let mut contents = Vec::new();
        unsigned(self.deps.len() as u64, &mut contents);
        contents.extend(self.deps.concat());
        blob(&self.actor, &mut contents);
        unsigned(self.seq, &mut contents);
        unsigned(self.start_op, &mut contents);
        signed(self.time, &mut contents);
        blob(&self.message, &mut contents);
        unsigned(self.others.len() as u64, &mut contents);
        self.others.iter().for_each(|other| blob(other, &mut contents));
        unsigned(self.columns.len() as u64, &mut contents);
        for (spec, data) in &self.columns {
            unsigned(*spec, &mut contents);
            unsigned(data.len() as u64, &mut contents);
        }
        self.columns.iter().for_each(|(_, data)| contents.extend(data));
        contents.extend(&self.extra);
        chunk(self.kind, &contents)
    }

    /// The data of a column, made if missing, in the place where it belongs.
    pub(crate) fn column(&mut self, spec: u64) -> &mut Vec<u8> {
        let position = self.columns.iter().position(|(known, _)| *known >= spec).unwrap_or(self.columns.len());
        if self.columns.get(position).is_none_or(|(known, _)| *known != spec) {
            self.columns.insert(position, (spec, Vec::new()));
        }
        &mut self.columns[position].1
    }
}

/// A chunk with a right length and checksum.
pub(crate) fn chunk(kind: u8, contents: &[u8]) -> Vec<u8> {
    let mut hashed = vec![kind];
    unsigned(contents.len() as u64, &mut hashed);
    hashed.extend(contents);
    let digest = Sha256::digest(&hashed);
    [&[0x85, 0x6f, 0x4a, 0x83], &digest[..4], &hashed].concat()
}

/// A valid change with one field of its bytes altered.
pub(crate) fn forged(valid: &[u8], alter: impl FnOnce(&mut Raw)) -> Vec<u8> {
    let mut raw = Raw::parse(valid);
    alter(&mut raw);
    raw.build()
}

/// A valid change with its operations altered, written as automerge writes.
pub(crate) fn rewritten(valid: &[u8], alter: impl FnOnce(&mut ExpandedChange)) -> Vec<u8> {
    let mut expanded = Change::from_bytes(valid.to_vec()).expect("a change").decode();
    alter(&mut expanded);
    Change::from(expanded).raw_bytes().to_vec()
}

#[test]
fn taking_apart_and_putting_together_gives_the_same_bytes() {
    let mut server = super::Server::new();
    let mut client = server.open(concord_shared::role::Role::Reviewer);
    for chunk in [client.score("Tone", 0.5), client.comment("Well done"), client.expect("Dear Ann")] {
        assert_eq!(Raw::parse(&chunk).build(), chunk);
        assert_eq!(rewritten(&chunk, |_| {}), chunk);
    }
}
