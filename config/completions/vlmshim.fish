# fish completion for vlmshim(1)

# Prints what is completed at the cursor: "options", "ports" (after --who or --free), "topic" (after --help), or
# "command" and the words of the test command from its name on, one per line.
function __vlmshim_line
    set -l words (commandline -opc) (commandline -ct)
    set -e words[1]
    set -l context options
    # The last word is being typed: only the ones before it decide.
    while set -q words[2]
        set -l word $words[1]
        set -e words[1]
        switch $word
            case --
                set context command
                break
            case --who --free
                set context ports
            case -h --help
                set context topic
            case --config --server --ready --port --timeout --grace --busy --output --report --log-level --log-format --completions
                set -e words[1]
            case '--*'
            case '-*'
                # Several letters in one word: the last one may take the next word as its value.
                if string match -qr -- '^-[vqhV]*[csrptgb]$' $word
                    set -e words[1]
                end
            case '*'
                if test $context = options
                    set -p words $word
                    set context command
                    break
                end
        end
    end
    # The first word that is no option starts the command, also while it is being typed.
    if test $context = options; and set -q words[1]; and not string match -q -- '-*' $words[1]
        set context command
    end
    printf '%s\n' $context
    if test $context = command
        printf '%s\n' $words
    end
end

function __vlmshim_wants -a context
    set -l line (__vlmshim_line)
    test "$line[1]" = $context
end

# Completes the test command as its own command line.
function __vlmshim_command
    set -l line (__vlmshim_line)
    set -e line[1]
    set -l typed $line[-1]
    set -e line[-1]
    set -l text (string join ' ' -- (string escape -- $line) $typed)
    complete --do-complete="$text"
end

complete -c vlmshim -f
complete -c vlmshim -n '__vlmshim_wants command' -a '(__vlmshim_command)'
complete -c vlmshim -n '__vlmshim_wants ports' -a 8080 -d 'Guarded by default'
complete -c vlmshim -n '__vlmshim_wants topic' -a config -d 'Every key of vlmshim.toml'

set -l options -c vlmshim -n 'not __vlmshim_wants command'
complete $options -s c -l config -r -F -d 'Read this file'
complete $options -l no-config -d 'Read no file'
complete $options -s s -l server -x -d 'Start this server before the test'
complete $options -s r -l ready -x -d 'The server is ready when this answers'
complete $options -s p -l port -x -a '8080 auto' -d 'Guard this port'
complete $options -s t -l timeout -x -d 'End the test after this time'
complete $options -s g -l grace -x -d 'Time between stop signal and SIGKILL'
complete $options -s b -l busy -x -a 'fail kill reuse' -d 'If a port is busy before the run'
complete $options -s o -l output -x -a 'capture inherit discard file:' -d 'Where the output of the servers goes'
complete $options -l isolate -d 'Run in a PID namespace of its own'
complete $options -l report -r -F -d 'Write a report of the run'
complete $options -s v -l verbose -d 'Log more'
complete $options -s q -l quiet -d 'Only warnings and errors'
complete $options -l log-level -x -a 'trace debug info warning error off' -d 'What to log'
complete $options -l log-format -x -a 'text json' -d 'Format of the log'
complete $options -l who -d 'List the listeners on the guarded ports'
complete $options -l free -d 'End the listeners on the guarded ports'
complete $options -l runs -d 'List the runs that are alive on this machine'
complete $options -l check -d 'Print the configuration, and what will not work'
complete $options -l init -d 'Write a vlmshim.toml to start from'
complete $options -l completions -x -a 'bash zsh fish' -d 'Print the completions for a shell'
complete $options -s h -l help -d 'Print a summary'
complete $options -s V -l version -d 'Print the version and the commit'
