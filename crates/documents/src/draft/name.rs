//! Names of the language, made of the words of a document.

/// A name made of words: `<Pod-Name>` becomes `pod_name`. `None` if no letter is in it.
pub(crate) fn identifier(words: &str) -> Option<String> {
    let mut name = String::new();
    let mut before = ' ';
    for c in words.trim().chars() {
        if c.is_ascii_alphanumeric() {
            // `podName` is two words, `POD` is one.
            if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
                name.push('_');
            }
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        before = c;
    }
    let name = name.trim_matches('_').to_owned();
    if !name.chars().any(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let name = if name.starts_with(|c: char| c.is_ascii_digit()) { format!("the_{name}") } else { name };
    let cut: String = name.chars().take(40).collect();
    let cut = cut.trim_end_matches('_').to_owned();
    let is_word = rbl_syntax::is_reserved(&cut) || rbl_syntax::begins_statement(&cut);
    Some(if is_word { format!("{cut}_name") } else { cut })
}

/// A name that none of these is yet.
pub(crate) fn unique(name: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(name) {
        return name.to_owned();
    }
    let free = (2_u32..=u32::MAX).map(|n| format!("{name}_{n}")).find(|it| !taken(it));
    free.unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_names() {
        let name = |words: &str| identifier(words).unwrap_or_default();
        assert_eq!(name("<Pod-Name>"), "pod_name");
        assert_eq!(name("podName"), "pod_name");
        assert_eq!(name("$OVNKUBE-MASTER-POD-NAME"), "ovnkube_master_pod_name");
        assert_eq!(name("2 words"), "the_2_words");
        assert_eq!(name("step"), "step_name");
        assert_eq!(identifier("…"), None);
    }
}
