# Gatepass for fish. The line for ~/.config/fish/config.fish:
#   gatepass shell-init fish | source
# Behind sudo, leave, creds load, creds clear and region, the environment of this shell follows.

# Tells this shell from others, whose stacks of sessions are their own; reading the start file again changes nothing.
string match -q -- "$fish_pid.*" "$_gatepass_stack"; or set -g _gatepass_stack $fish_pid.(random)(random)

function gatepass --description 'Gatepass; the environment of this shell follows'
    switch "$argv[1]"
        case sudo assume
            _gatepass_sudo $argv[2..-1]; or return
        case leave region
            _gatepass_run $argv; or return
        case creds
            _gatepass_run $argv; or return
            contains -- "$argv[2]" load clear; or return 0
        case '*'
            _gatepass_run $argv
            return
    end
    # Help changes nothing that this shell could follow.
    contains -- --help $argv; or contains -- -h $argv; or _gatepass_follow
end

# The command itself.
function _gatepass_run
    set -lx GATEPASS_SHELL fish
    set -lx GATEPASS_STACK $_gatepass_stack
    command gatepass $argv
end

# Evaluate the lines that bring the environment in line; they come through a pipe and stay in this function.
function _gatepass_follow
    set -l lines (_gatepass_run shell-env fish); or return
    builtin printf '%s\n' $lines | source
end

# A second word behind sudo is an external ID: it goes through a pipe, where no list of processes shows it.
function _gatepass_sudo
    set -l words
    set -l value ''
    set -l rest ''
    set -l target ''
    set -l id ''
    for word in $argv
        if test -n "$value"
            set value ''
        else
            switch "$rest$word"
                case --
                    set rest 'positional '
                case @VALUE_OPTIONS@
                    set value next
                case '-?*'
                case '*'
                    if test -z "$target"
                        set target given
                    else if test -z "$id"
                        set id $word
                        continue
                    end
            end
        end
        set -a words $word
    end
    if test -n "$id"
        set -lx GATEPASS_TYPED 1
        builtin printf '%s\n' $id | _gatepass_run sudo $words
    else
        _gatepass_run sudo $words
    end
end
