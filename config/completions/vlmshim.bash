# bash completion for vlmshim(1)

_vlmshim() {
    local cur=${COMP_WORDS[COMP_CWORD]} word i
    local ports=false skip=false
    COMPREPLY=()

    # Each word before the cursor is an option, its value, a port, or the start of the test command.
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if $skip; then
            skip=false
            continue
        fi
        case $word in
            --)
                _vlmshim_command $((i + 1))
                return
                ;;
            --who | --free) ports=true ;;
            --config | --server | --ready | --port | --timeout | --grace | --busy | --output | --report | --log-level | \
                --log-format | --completions | -[vqhV]*[csrptgb] | -[csrptgb])
                skip=true
                [[ ${COMP_WORDS[i + 1]} == '=' ]] && ((i++)) # bash splits --busy=kill into three words
                ;;
            -*) ;;
            *)
                if ! $ports; then
                    _vlmshim_command "$i"
                    return
                fi
                ;;
        esac
    done

    local before=${COMP_WORDS[COMP_CWORD - 1]}
    if [[ $cur == '=' ]]; then
        before=${COMP_WORDS[COMP_CWORD - 1]} cur=''
    elif [[ $before == '=' ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    case $before in
        -c | --config | --report)
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            compopt -o filenames 2>/dev/null
            return
            ;;
        -b | --busy)
            mapfile -t COMPREPLY < <(compgen -W 'fail kill reuse' -- "$cur")
            return
            ;;
        -o | --output)
            mapfile -t COMPREPLY < <(compgen -W 'capture inherit discard file:' -- "$cur")
            return
            ;;
        --log-level)
            mapfile -t COMPREPLY < <(compgen -W 'trace debug info warning error off' -- "$cur")
            return
            ;;
        --log-format)
            mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$cur")
            return
            ;;
        --completions)
            mapfile -t COMPREPLY < <(compgen -W 'bash zsh fish' -- "$cur")
            return
            ;;
        -h | --help)
            mapfile -t COMPREPLY < <(compgen -W 'config' -- "$cur")
            return
            ;;
        -p | --port)
            mapfile -t COMPREPLY < <(compgen -W '8080 auto' -- "$cur")
            return
            ;;
        -s | --server | -r | --ready | -t | --timeout | -g | --grace)
            return
            ;;
    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '-c --config --no-config -s --server -r --ready -p --port -t --timeout
            -g --grace -b --busy -o --output --isolate --report -v --verbose -q --quiet --log-level --log-format --who --free --runs
            --check --init --completions -h --help -V --version --' -- "$cur")
    elif $ports; then
        mapfile -t COMPREPLY < <(compgen -W '8080' -- "$cur")
    else
        _vlmshim_command "$COMP_CWORD"
    fi
}

# _vlmshim_command INDEX: completes the test command, which starts at this word, as its own command line.
_vlmshim_command() {
    if declare -F _command_offset >/dev/null; then # of the package bash-completion
        _command_offset "$1"
    elif ((COMP_CWORD == $1)); then
        mapfile -t COMPREPLY < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
        compopt -o filenames 2>/dev/null
    fi
}

complete -F _vlmshim vlmshim
