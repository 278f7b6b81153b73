"""Configuration as the program prints it."""

import re


def settings_of(text):
    """From --check or --help config: {"server.port": "8080"}; a key that is commented out has no default: None."""
    settings, section = {}, ""
    for line in text.splitlines():
        header = re.fullmatch(r"\[+([\w.]+)\]+", line)
        unset = re.match(r"# (\w+) = .*   \(", line)
        setting = re.match(r"(\w+) = (.*)$", line)
        if header:
            section = header.group(1)
        elif unset:
            settings[section + "." + unset.group(1)] = None
        elif setting:
            settings[section + "." + setting.group(1)] = setting.group(2)
    return settings
