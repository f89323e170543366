//! The same values on another host, through a real sshd.

use serde_json::json;

use super::hostile::{arrived, only, values};
use crate::cli::shell::Shell;
use crate::world::ssh::Sshd;

#[test]
fn through_ssh() {
    let Some(sshd) = Sshd::start() else { return };
    let shell = Shell::new();
    let ssh = sshd.options();
    let mut options: Vec<String> = ssh.command[1..].to_vec();
    options.extend(ssh.options.iter().flat_map(|option| ["-o".to_owned(), option.clone()]));
    shell.write(
        "rbl.toml",
        format!("[ssh]\ncommand = {}\noptions = {}\n", json!(ssh.command[0]), json!(options)),
    );
    shell.write(
        "a.rb",
        format!(
            "runbook \"a\"\nowner \"a\"\nparam v\nparam folder = {}\n\
             action `cd #{{folder}} && printf '%s' #{{v}} > bare && printf '%s' 'x#{{v}}' > single && printf '%s' \"#{{v}}x\" > double` on \"127.0.0.1\"\n\
             let told = `printf '<%s>' #{{v}}` on \"127.0.0.1\"\n\
             action `printf '%s' #{{told.text}} > back`\n",
            json!(shell.path())
        ),
    );
    for value in values() {
        shell.write("given.json", json!({ "v": value }).to_string());
        shell.rbl("run a.rb --params given.json").code(0);
        arrived(&shell, "bare", &value);
        arrived(&shell, "single", &format!("x{value}"));
        arrived(&shell, "double", &format!("{value}x"));
        arrived(&shell, "back", &format!("<{value}>"));
        only(&shell, &["a.rb", "rbl.toml", "given.json", "bare", "single", "double", "back"]);
    }
}
