//! What names, e-mails, passwords and origins may be. Each refusal says what would be right.

/// Longest name of an organization, member, key or project, in bytes.
pub const NAME_BYTES: usize = 256;
/// Longest e-mail: what RFC 5321 can deliver to.
const EMAIL_BYTES: usize = 254;
/// Shortest password, in characters, as NIST SP 800-63B asks.
pub const PASSWORD_CHARACTERS: usize = 8;
/// Longest password, in bytes: beyond it only the hashing gets slower.
const PASSWORD_BYTES: usize = 1024;

/// A name with the spaces around it removed. `what` names the field in the refusal.
pub fn name(what: &str, text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.len() > NAME_BYTES {
        return Err(format!("{what} must have 1 to {NAME_BYTES} bytes, not {}", text.len()));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("{what} must have no control characters"));
    }
    Ok(text.to_owned())
}

/// An e-mail address in the one form in which it is stored and compared.
pub fn email(text: &str) -> Result<String, String> {
    let text = text.trim().to_lowercase();
    let parts = text.split_once('@');
    let plausible = parts.is_some_and(|(local, host)| !local.is_empty() && !host.is_empty() && !host.contains('@'))
        && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if !plausible || text.len() > EMAIL_BYTES {
        let shown: String = text.chars().take(64).collect();
        return Err(format!("{shown:?} is not an e-mail address such as eva@example.com"));
    }
    Ok(text)
}

/// A new password. Length is what protects; nothing is asked of its characters.
pub fn password(text: &str) -> Result<(), String> {
    let length = text.chars().count();
    if length < PASSWORD_CHARACTERS {
        return Err(format!("the password has {length} characters; it needs at least {PASSWORD_CHARACTERS}"));
    }
    if text.len() > PASSWORD_BYTES {
        return Err(format!("the password has {} bytes; at most {PASSWORD_BYTES} are taken", text.len()));
    }
    Ok(())
}

/// An origin as browsers write it in `Origin`: scheme, host and a port that is not the scheme's own; lower case.
pub fn origin(text: &str) -> Result<String, String> {
    let lowered = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let refusal = || {
        let shown: String = text.chars().take(100).collect();
        format!("{shown:?} is not an origin such as https://app.example.com")
    };
    let (scheme, authority) = lowered.split_once("://").ok_or_else(refusal)?;
    let default_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return Err(refusal()),
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if authority.is_empty() || authority.len() > 255 || !authority.chars().all(allowed) {
        return Err(refusal());
    }
    if let Some((_, port)) = authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'))
        && port.parse::<u16>().is_err()
    {
        return Err(refusal());
    }
    Ok(format!("{scheme}://{}", authority.strip_suffix(default_port).unwrap_or(authority)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_are_stored_in_one_form() {
        assert_eq!(email(" Eva@Example.COM "), Ok("eva@example.com".to_owned()));
        for text in ["", "eva", "@example.com", "eva@", "a@b@c", "eva lind@example.com"] {
            assert!(email(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn origins_are_what_browsers_send() {
        assert_eq!(origin("https://App.Example.com:443/"), Ok("https://app.example.com".to_owned()));
        assert_eq!(origin("http://[::1]:8484"), Ok("http://[::1]:8484".to_owned()));
        for text in [
            "app.example.com",
            "https://",
            "ftp://a",
            "https://a/b",
            "https://a?b",
            "https://u@h",
            "null",
            "http://a:x",
        ] {
            assert!(origin(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn passwords_and_names_are_bounded() {
        assert!(password("short").expect_err("too short").contains("5 characters"));
        assert!(password(&"x".repeat(2000)).is_err() && password("correct horse").is_ok());
        assert_eq!(name("the name", "  Eva "), Ok("Eva".to_owned()));
        assert!(name("the name", " ").is_err() && name("the name", "a\u{7}").is_err());
    }
}
