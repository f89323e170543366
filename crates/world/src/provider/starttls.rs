//! [`StartTls`]: asks a server for encryption in the words of its protocol, before the handshake.
//!
//! *Invariant:* no byte behind the answer is read: it belongs to the handshake.

use std::io::{self, Read, Write};

use rbl_syntax::one_line;
use serde::Deserialize;

/// The longest answer, in bytes.
const LONGEST: usize = 16_384;

/// A protocol that begins in plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum StartTls {
    Smtp,
    Imap,
    Ldap,
    Postgres,
}

/// Their names.
pub(super) const PROTOCOLS: &[&str] = &["smtp", "imap", "ldap", "postgres"];

/// Why there is no encryption.
#[derive(Debug)]
pub(super) enum NoStartTls {
    /// The connection broke, or the time is over.
    Broken(io::Error),
    /// The server does not want it, or does not speak the protocol: what it said.
    Refused(String),
}

impl From<io::Error> for NoStartTls {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

impl StartTls {
    /// The port where the query names none.
    pub(super) const fn port(self) -> u16 {
        match self {
            Self::Smtp => 25,
            Self::Imap => 143,
            Self::Ldap => 389,
            Self::Postgres => 5432,
        }
    }

    /// Asks, and reads the answer that allows it.
    pub(super) fn ask(self, stream: &mut (impl Read + Write)) -> Result<(), NoStartTls> {
        match self {
            Self::Smtp => {
                smtp(stream, "220")?;
                stream.write_all(b"EHLO localhost\r\n")?;
                smtp(stream, "250")?;
                stream.write_all(b"STARTTLS\r\n")?;
                smtp(stream, "220")
            }
            Self::Imap => {
                let hello = line(stream)?;
                if !hello.starts_with("* OK") {
                    return refused(&hello);
                }
                stream.write_all(b"rbl STARTTLS\r\n")?;
                loop {
                    let said = line(stream)?;
                    match said.strip_prefix("rbl ") {
                        Some(answer) if answer.starts_with("OK") => return Ok(()),
                        Some(answer) => return refused(answer),
                        None if said.starts_with("* ") => {}
                        None => return refused(&said),
                    }
                }
            }
            Self::Ldap => ldap(stream),
            Self::Postgres => {
                // The length, and the number that asks for encryption.
                stream.write_all(&[0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f])?;
                match bytes::<1>(stream)? {
                    [b'S'] => Ok(()),
                    [b'N'] => refused("it has no certificate"),
                    _ => refused("it does not speak the protocol of PostgreSQL"),
                }
            }
        }
    }
}

fn refused(said: &str) -> Result<(), NoStartTls> {
    Err(NoStartTls::Refused(one_line(said)))
}

/// Reads a reply of SMTP, which may have several lines; it has to have this code.
fn smtp(stream: &mut impl Read, code: &str) -> Result<(), NoStartTls> {
    for _ in 0..100 {
        let said = line(stream)?;
        let rest = said.strip_prefix(code);
        match rest.and_then(|rest| rest.chars().next()) {
            Some('-') => {}
            Some(' ') => return Ok(()),
            None if rest.is_some() => return Ok(()),
            _ => return refused(&said),
        }
    }
    refused("it says too much")
}

/// The extended operation of RFC 4511, section 4.14.
fn ldap(stream: &mut (impl Read + Write)) -> Result<(), NoStartTls> {
    let oid = b"1.3.6.1.4.1.1466.20037";
    let mut asked = vec![0x30, 29, 0x02, 1, 1, 0x77, 24, 0x80, 22];
    asked.extend_from_slice(oid);
    stream.write_all(&asked)?;
    let foreign = || refused("it does not speak LDAP");
    let [tag, length] = bytes::<2>(stream)?;
    let length = match length {
        0x81 => usize::from(bytes::<1>(stream)?[0]),
        0x82 => usize::from(u16::from_be_bytes(bytes::<2>(stream)?)),
        short if short < 0x80 => usize::from(short),
        _ => return foreign(),
    };
    if tag != 0x30 || length > LONGEST {
        return foreign();
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer)?;
    // The number of the message, an extended answer, and in it first of all the code of the result.
    let [0x02, 1, 1, 0x78, length, rest @ ..] = answer.as_slice() else { return foreign() };
    let skipped = if *length < 0x80 { 0 } else { usize::from(length & 0x7f) };
    match rest.get(skipped..) {
        Some([0x0a, 1, 0, ..]) => Ok(()),
        Some([0x0a, 1, code, ..]) => refused(&format!("result code {code}")),
        _ => foreign(),
    }
}

fn bytes<const N: usize>(stream: &mut impl Read) -> io::Result<[u8; N]> {
    let mut read = [0; N];
    stream.read_exact(&mut read)?;
    Ok(read)
}

/// A line without its end.
fn line(stream: &mut impl Read) -> Result<String, NoStartTls> {
    let mut read = Vec::new();
    while read.len() < LONGEST {
        match bytes::<1>(stream)? {
            [b'\n'] => return Ok(String::from_utf8_lossy(&read).trim_end().to_owned()),
            [byte] => read.push(byte),
        }
    }
    Err(NoStartTls::Refused("it says too much".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a server says, and what it hears.
    struct Talk {
        says: io::Cursor<Vec<u8>>,
        hears: Vec<u8>,
    }

    impl Read for Talk {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.says.read(buffer)
        }
    }

    impl Write for Talk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.hears.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What came of it, and the bytes that are left for the handshake.
    fn talk(protocol: StartTls, says: &[u8]) -> (Result<(), NoStartTls>, Vec<u8>) {
        let mut talk = Talk { says: io::Cursor::new(says.to_vec()), hears: Vec::new() };
        let result = protocol.ask(&mut talk);
        let mut left = Vec::new();
        talk.says.read_to_end(&mut left).unwrap();
        (result, left)
    }

    #[test]
    fn an_answer_that_allows_it_is_read_and_not_a_byte_more() {
        for (protocol, says) in [
            (StartTls::Smtp, &b"220 mail\r\n250-mail\r\n250 STARTTLS\r\n220 go\r\n"[..]),
            (StartTls::Smtp, b"220-mail\r\n220 hello\r\n250 mail\r\n220\r\n"),
            (StartTls::Imap, b"* OK hello\r\n* CAPABILITY X\r\nrbl OK begin\r\n"),
            (StartTls::Ldap, b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"),
            (StartTls::Postgres, b"S"),
        ] {
            let (result, left) = talk(protocol, &[says, b"\x16\x03"].concat());
            assert!(result.is_ok(), "{protocol:?} {result:?}");
            assert_eq!(left, b"\x16\x03", "{protocol:?}");
        }
    }

    #[test]
    fn every_other_answer_is_a_refusal() {
        for (protocol, says, words) in [
            (StartTls::Smtp, &b"554 go away\r\n"[..], "554 go away"),
            (StartTls::Smtp, b"220 mail\r\n250 mail\r\n502 no\r\n", "502 no"),
            (StartTls::Smtp, b"SSH-2.0-OpenSSH\r\n", "SSH-2.0"),
            (StartTls::Imap, b"* BYE\r\n", "* BYE"),
            (StartTls::Imap, b"* OK\r\nrbl BAD no\r\n", "BAD no"),
            (StartTls::Ldap, b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00", "result code 2"),
            (StartTls::Ldap, b"HTTP/1.1 400 Bad Request\r\n", "does not speak LDAP"),
            (StartTls::Postgres, b"N", "no certificate"),
            (StartTls::Postgres, b"H", "does not speak"),
        ] {
            match talk(protocol, says).0 {
                Err(NoStartTls::Refused(said)) => assert!(said.contains(words), "{protocol:?} {said}"),
                other => panic!("{protocol:?} {other:?}"),
            }
        }
        let endless = [b"220-x\r\n".repeat(200), vec![b'x'; 40_000]].concat();
        assert!(matches!(talk(StartTls::Smtp, &endless).0, Err(NoStartTls::Refused(_))));
        assert!(matches!(talk(StartTls::Imap, &vec![b'x'; 40_000]).0, Err(NoStartTls::Refused(_))));
        assert!(matches!(talk(StartTls::Ldap, b"\x30").0, Err(NoStartTls::Broken(_))));
    }
}
