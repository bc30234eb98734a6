"""``ploshcha completion``: a script for the shell with all verbs, settings and names of files in it.

The words stand in the script, so that completing starts no Python; it is written anew after an upgrade.
"""

from __future__ import annotations

from collections.abc import Sequence

from experiments.commands import COMMANDS
from experiments.design.catalogue import SORTS, files_of, items
from sim.errors import InputError, not_allowed

HELP = """\
usage: ploshcha completion bash|zsh|fish

Print a script that completes verbs, settings, scenarios and experiments.

  bash  ploshcha completion bash > ~/.ploshcha.bash
        echo 'source ~/.ploshcha.bash' >> ~/.bashrc
  zsh   ploshcha completion zsh > ~/.ploshcha.zsh
        echo 'source ~/.ploshcha.zsh' >> ~/.zshrc     (behind compinit)
  fish  ploshcha completion fish > ~/.config/fish/completions/ploshcha.fish
"""
GENERAL = ("seed=", "hours=", "steps=", "persons_per_agent=", "staff_per_agent=", "engine=compiled", "engine=mesa",
           "threads=", "out=", "space=true", "replicates=", "design=", "dry_run=true", "--config-dir",
           "--help")  # fmt: skip
CHOSEN = ("scenario", "experiment", "turnout", "regime")  # groups of files
SEEN = ("city=", "hour=", "people=", "narrative=five_minutes", "film=gif", "film=mp4", "--open", "--serve")
# bash splits words at =, zsh does not: what stands before it is kept in `head`
BASH = """\
_ploshcha() {{
  local cur="${{COMP_WORDS[COMP_CWORD]}}" head=""
  if [[ "$cur" == "=" ]]; then head="${{COMP_WORDS[COMP_CWORD-1]}}="; cur=""
  elif [[ "${{COMP_WORDS[COMP_CWORD-1]}}" == "=" ]]; then head="${{COMP_WORDS[COMP_CWORD-2]}}="; fi
  local words="{settings}"
  if [[ $COMP_CWORD -eq 1 ]]; then words="{verbs}"
  elif [[ "${{COMP_WORDS[1]}}" == list ]]; then words="{sorts}"
  elif [[ "${{COMP_WORDS[1]}}" == show && $COMP_CWORD -eq 2 ]]; then words="{names}"
  elif [[ "${{COMP_WORDS[1]}}" =~ ^(view|why|map)$ ]]; then words="{seen}"; fi
  COMPREPLY=( $(compgen -W "$words" -- "$head$cur") )
  COMPREPLY=( "${{COMPREPLY[@]#$head}}" )
  [[ "${{COMPREPLY[*]}}" == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}}
complete -o default -F _ploshcha ploshcha
"""
# zsh has no compopt: no blank behind any word, so that there is none behind name=
ZSH = ("autoload -U +X bashcompinit && bashcompinit\n"
       + BASH.replace("complete -o default", "complete -o default -o nospace"))
FISH = """\
complete -c ploshcha -n __fish_use_subcommand -f -a "{verbs}"
complete -c ploshcha -n "__fish_seen_subcommand_from list" -f -a "{sorts}"
complete -c ploshcha -n "__fish_seen_subcommand_from show" -f -a "{names}"
complete -c ploshcha -n "__fish_seen_subcommand_from view why map" -a "{seen}"
complete -c ploshcha -n "__fish_seen_subcommand_from run sweep sensitivity calibrate forecast config" -a "{settings}"
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


def main(arguments: Sequence[str]) -> int:
    """Run ``ploshcha completion``."""
    if not arguments or any(word in ("-h", "--help") for word in arguments):
        print(HELP, end="")
        if not arguments:
            raise InputError("shell is missing: one of " + ", ".join(SCRIPTS))
        return 0
    if len(arguments) > 1 or arguments[0] not in SCRIPTS:
        raise not_allowed("", "shell", " ".join(arguments), "one of " + ", ".join(SCRIPTS), SCRIPTS)
    print(script(arguments[0]), end="")
    return 0


def script(shell: str) -> str:
    """Return the script of a shell."""
    names = dict.fromkeys(["config", *(item.name for sort in SORTS for item in items(sort))])
    return SCRIPTS[shell].format(verbs=" ".join(COMMANDS), sorts=" ".join(SORTS), names=" ".join(names),
                                 seen=" ".join(SEEN), settings=" ".join(settings()))  # fmt: skip


def settings() -> list[str]:
    """Return settings with ``=`` behind them, and those of a few values with each of these."""
    chosen = [f"{group}={name}" for group in CHOSEN for name in files_of(group)]
    return [*chosen, *GENERAL, *(f"{item.name}=" for item in items("levers"))]
