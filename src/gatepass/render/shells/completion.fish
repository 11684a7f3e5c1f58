
# Completion. The words go through the environment of the command, which others cannot read as they can its arguments.
function _gatepass_completion
    set -lx _GATEPASS_COMPLETE fish_complete
    set -lx COMP_WORDS (commandline -cp)
    set -lx COMP_CWORD (commandline -t)
    for line in (command gatepass 2>/dev/null)
        set -l answer (string split -m 1 , -- $line)
        switch $answer[1]
            case dir
                __fish_complete_directories $answer[2]
            case file
                __fish_complete_path $answer[2]
            case plain
                builtin printf '%s\n' $answer[2]
        end
    end
end
complete --no-files --command gatepass --arguments '(_gatepass_completion)'
