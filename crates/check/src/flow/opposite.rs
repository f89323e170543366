//! Changes that take two actions: what takes something out of its state, and what restores it.

/// A change and its opposite, each as words that an action holds in this order. Between words with a `=` stands no other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Opposite {
    begins: &'static str,
    ends: &'static [&'static str],
}

/// Where one side holds the other (`replicas 0` and `replicas`), the longer one decides.
const OPPOSITES: &[Opposite] = &[
    // Numbers of copies.
    pair("replicas=0", &["replicas", "up"]),
    pair("desired=capacity=0", &["desired=capacity"]),
    pair("desired=count=0", &["desired=count"]),
    pair("min=size=0", &["min=size"]),
    pair("docker service scale 0", &["docker service scale"]),
    // Ceph.
    pair("osd blocklist add", &["osd blocklist rm", "osd blocklist remove", "osd blocklist clear"]),
    pair("osd blacklist add", &["osd blacklist rm", "osd blacklist remove", "osd blacklist clear"]),
    pair("osd set", &["osd unset"]),
    pair("osd out", &["osd in"]),
    pair("osd pool set nodelete false", &["osd pool set nodelete true"]),
    pair("fs set joinable false", &["fs set joinable true"]),
    // Nodes.
    pair("taint", &["taint -", "untaint"]),
    pair("drain", &["uncordon", "undrain", "enable", "activate", "readyz"]),
    pair("cordon", &["uncordon"]),
    pair("node update availability drain", &["node update availability active"]),
    // Firewalls and routes.
    pair("iptables a", &["iptables d", "iptables f", "iptables restore"]),
    pair("iptables i", &["iptables d", "iptables f", "iptables restore"]),
    pair("ip6tables a", &["ip6tables d", "ip6tables f", "ip6tables restore"]),
    pair("ip6tables i", &["ip6tables d", "ip6tables f", "ip6tables restore"]),
    pair("nft add", &["nft delete", "nft flush"]),
    pair("nft insert", &["nft delete", "nft flush"]),
    pair("ufw deny", &["ufw delete", "ufw allow", "ufw reset"]),
    pair("ufw reject", &["ufw delete", "ufw allow", "ufw reset"]),
    pair("firewall cmd add", &["firewall cmd remove", "firewall cmd reload"]),
    pair("route add", &["route del", "route delete", "route flush"]),
    pair("link set down", &["link set up"]),
    pair("ipvsadm d", &["ipvsadm a"]),
    pair("ipvsadm e w=0", &["ipvsadm e w"]),
    pair("ifdown", &["ifup"]),
    pair("authorize security group", &["revoke security group"]),
    pair("revoke security group", &["authorize security group"]),
    pair("denylist add", &["denylist remove", "denylist rm", "denylist delete"]),
    pair("blocklist add", &["blocklist remove", "blocklist rm", "blocklist delete"]),
    pair("allowlist remove", &["allowlist add"]),
    pair("block", &["unblock", "allow"]),
    pair("ban", &["unban"]),
    pair("deny", &["allow", "undeny"]),
    pair("quarantine", &["unquarantine", "release"]),
    pair("isolate", &["unisolate", "rejoin"]),
    pair("fence", &["unfence"]),
    // Services, jobs and traffic.
    pair("stop", &["start", "restart"]),
    pair("shutdown", &["startup", "start"]),
    pair("kill stop", &["kill cont"]),
    pair("kill 19", &["kill 18"]),
    pair("systemctl mask", &["systemctl unmask"]),
    pair("mask", &["unmask"]),
    pair("disable", &["enable"]),
    pair("deactivate", &["activate", "reactivate"]),
    pair("off", &["on"]),
    pair("pause", &["resume", "unpause"]),
    pair("rollout pause", &["rollout resume"]),
    pair("suspend=true", &["suspend=false"]),
    pair("suspend", &["resume", "unsuspend", "suspend=false"]),
    pair("hold", &["unhold", "release"]),
    pair("disable server", &["enable server"]),
    pair("set server state maint", &["set server state ready"]),
    pair("set server state drain", &["set server state ready"]),
    pair("deregister", &["register"]),
    pair("detach", &["attach"]),
    pair("unregister", &["register"]),
    pair("remove backend", &["add backend"]),
    pair("maintenance=on", &["maintenance=off"]),
    pair("maintenance enable", &["maintenance disable"]),
    pair("maintenance=true", &["maintenance=false"]),
    pair("maint enable", &["maint disable"]),
    pair("enter maintenance", &["exit maintenance", "leave maintenance"]),
    pair("enter standby", &["exit standby"]),
    pair("node standby", &["node online", "node unstandby"]),
    pair("property set maintenance mode true", &["property set maintenance mode false"]),
    pair("evacuate", &["return", "restore"]),
    pair("flag off", &["flag on"]),
    pair("flag disable", &["flag enable"]),
    pair("feature off", &["feature on"]),
    pair("feature disable", &["feature enable"]),
    pair("readonly=true", &["readonly=false"]),
    pair("read=only=on", &["read=only=off"]),
    pair("read=only=1", &["read=only=0"]),
    pair("read=only=true", &["read=only=false"]),
    pair("slave stop", &["slave start"]),
    pair("stop replica", &["start replica"]),
    pair("stop slave", &["start slave"]),
    pair("wal replay pause", &["wal replay resume"]),
    // Volumes and locks.
    pair("umount", &["mount"]),
    pair("unmount", &["mount"]),
    pair("swapoff", &["swapon"]),
    pair("lvchange an", &["lvchange ay"]),
    pair("vgchange an", &["vgchange ay"]),
    pair("lvs n", &["lvs y"]),
    pair("zpool offline", &["zpool online"]),
    pair("zpool export", &["zpool import"]),
    pair("mdadm fail", &["mdadm re add", "mdadm add"]),
    pair("offline", &["online"]),
    pair("fsfreeze f", &["fsfreeze u"]),
    pair("xfs freeze f", &["xfs freeze u"]),
    pair("freeze", &["unfreeze", "thaw"]),
    pair("fsfreeze", &["unfreeze", "thaw"]),
    pair("quiesce", &["unquiesce", "resume"]),
    pair("lock", &["unlock"]),
    // Alerts.
    pair("silence add", &["silence expire", "silence remove"]),
    pair("silence", &["unsilence", "silence expire", "expire"]),
    pair("mute", &["unmute"]),
    pair("snooze", &["unsnooze", "wake"]),
    pair("inhibit", &["uninhibit"]),
    pair("throttle", &["unthrottle"]),
];

const fn pair(begins: &'static str, ends: &'static [&'static str]) -> Opposite {
    Opposite { begins, ends }
}

impl Opposite {
    /// The change that an action with these words begins: of several the one with the most words.
    pub(super) fn begun_by(words: &[String]) -> Option<&'static Self> {
        OPPOSITES.iter().filter(|it| it.is_begun_by(words)).max_by_key(|it| length(it.begins))
    }

    /// Whether its first word is among these: what most of the table is ruled out by.
    fn may_be_begun_by(&self, words: &[String]) -> bool {
        let first = self.begins.split([' ', '=']).next().unwrap_or(self.begins);
        words.iter().any(|word| word == first)
    }

    /// Whether an action with these words begins it, and does not end it as well.
    fn is_begun_by(&self, words: &[String]) -> bool {
        self.may_be_begun_by(words)
            && holds(words, self.begins)
            && !self.ends.iter().any(|end| length(end) >= length(self.begins) && holds(words, end))
    }

    /// Whether an action with these words ends it.
    pub(super) fn is_ended_by(&self, words: &[String]) -> bool {
        let begins = holds(words, self.begins);
        self.ends.iter().any(|end| holds(words, end) && !(begins && length(self.begins) > length(end)))
    }
}

fn length(pattern: &str) -> usize {
    pattern.split([' ', '=']).count()
}

/// Whether these words come in this order, with others in between where the pattern has a blank.
fn holds(words: &[String], pattern: &str) -> bool {
    let mut rest = words;
    pattern.split(' ').all(|wanted| {
        let wanted: Vec<&str> = wanted.split('=').collect();
        let found = rest.windows(wanted.len()).position(|words| words.iter().eq(&wanted));
        let Some(behind) = found.and_then(|at| rest.get(at + wanted.len()..)) else { return false };
        rest = behind;
        true
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        super::super::command::spoken_text(text)
    }

    #[test]
    fn a_change_and_what_restores_it() {
        for (begins, ends) in [
            ("kubectl scale deploy/api --replicas=0", "kubectl scale deploy/api --replicas=3"),
            ("kubectl scale deploy/api --replicas 0", "kubectl scale deploy/api --replicas "),
            ("ceph osd blocklist add 10.0.0.1", "ceph osd blocklist rm 10.0.0.1"),
            ("ceph osd set noout", "ceph osd unset noout"),
            ("iptables -A INPUT -s 10.0.0.1 -j DROP", "iptables -D INPUT -s 10.0.0.1 -j DROP"),
            ("iptables -t nat -I PREROUTING -j X", "iptables -t nat -D PREROUTING -j X"),
            ("kubectl taint nodes n1 key=v:NoSchedule", "kubectl taint nodes n1 key=v:NoSchedule-"),
            ("kubectl cordon n1", "kubectl uncordon n1"),
            ("kubectl rollout pause deploy/api", "kubectl rollout resume deploy/api"),
            (
                "kubectl patch cronjob x -p '{\"spec\":{\"suspend\":true}}'",
                "kubectl patch cronjob x -p '{\"spec\":{\"suspend\":false}}'",
            ),
            ("systemctl stop api", "systemctl start api"),
            ("systemctl disable --now api", "systemctl enable --now api"),
            ("amtool silence add x=y", "amtool silence expire 12"),
            ("monitorctl mute api", "monitorctl unmute api"),
            ("flagctl feature checkout off", "flagctl feature checkout on"),
            (
                "aws autoscaling set-desired-capacity --desired-capacity 0",
                "aws autoscaling set-desired-capacity --desired-capacity 4",
            ),
            ("umount /srv", "mount /srv"),
            ("swapoff -a", "swapon -a"),
            ("ip link set eth0 down", "ip link set eth0 up"),
            ("lvchange -an vg/lv", "lvchange -ay vg/lv"),
            ("ipvsadm -e -t 10.0.0.1:80 -r 10.0.0.2 -w 0", "ipvsadm -e -t 10.0.0.1:80 -r 10.0.0.2 -w 5"),
            ("fsfreeze -f /srv", "fsfreeze -u /srv"),
            ("gitlab-ctl stop sidekiq", "gitlab-ctl start sidekiq"),
            ("mysql -e 'STOP REPLICA'", "mysql -e 'START REPLICA'"),
        ] {
            let opposite =
                Opposite::begun_by(&words(begins)).unwrap_or_else(|| panic!("{begins} begins nothing"));
            assert!(opposite.is_ended_by(&words(ends)), "{ends} does not end {opposite:?}");
            assert!(!opposite.is_ended_by(&words(begins)), "{begins} ends {opposite:?}");
        }
    }

    #[test]
    fn what_is_over_at_once_begins_nothing() {
        for text in [
            "systemctl restart api",
            "kubectl rollout undo deployment/api",
            "kubectl scale deploy/api --replicas=3",
            "kubectl scale --replicas=3 deploy/api-0",
            "kubectl taint nodes n1 key=v:NoSchedule-",
            "systemctl stop api && systemctl start api",
            "ceph osd unset noout",
            "rm -rf /srv/cache",
            "curl -X POST https://x.example/deploy",
        ] {
            assert_eq!(Opposite::begun_by(&words(text)), None, "{text}");
        }
    }
}
