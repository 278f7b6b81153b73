# fish completion for vlmshim(1)

# The test command begins at "--" or at the first word that is no option.
complete -c vlmshim -f -a '(__fish_complete_subcommand --fcs-skip=1)'

complete -c vlmshim -s c -l config -r -F -d 'Read this file'
complete -c vlmshim -l no-config -d 'Read no file'
complete -c vlmshim -s s -l server -x -d 'Start this server before the test'
complete -c vlmshim -s r -l ready -x -d 'The server is ready when this answers'
complete -c vlmshim -s p -l port -x -d 'Guard this port'
complete -c vlmshim -s t -l timeout -x -d 'End the test after this time'
complete -c vlmshim -s g -l grace -x -d 'Time between asking to stop and SIGKILL'
complete -c vlmshim -s b -l busy -x -a 'fail kill reuse' -d 'If a port is taken before the run'
complete -c vlmshim -l isolate -d 'Run in a PID namespace of its own'
complete -c vlmshim -l report -r -F -d 'Write a report of the run as JSON'
complete -c vlmshim -s v -l verbose -d 'Say more'
complete -c vlmshim -s q -l quiet -d 'Only warnings and errors'
complete -c vlmshim -l log-level -x -a 'trace debug info warning error off' -d 'What to say'
complete -c vlmshim -l log-format -x -a 'text json' -d 'How to say it'
complete -c vlmshim -l who -d 'Say who listens on the guarded ports'
complete -c vlmshim -l free -d 'End whoever listens there'
complete -c vlmshim -l check -d 'Print the configuration with every default'
complete -c vlmshim -s h -l help -d 'Print a summary'
complete -c vlmshim -s V -l version -d 'Print the version'
