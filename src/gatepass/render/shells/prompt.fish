
# The prompt: whose account this is, in front of your own; nothing is run while you are in none.
if not functions -q _gatepass_own_prompt
    if functions -q fish_prompt
        functions --copy fish_prompt _gatepass_own_prompt
    else
        function _gatepass_own_prompt
            printf '> '
        end
    end
    function _gatepass_status
        return $argv[1]
    end
    function fish_prompt
        set -l code $status
        if test -n "$GATEPASS_ROLE"
            set -l segment (_gatepass_run prompt --shell fish 2>/dev/null)
            test -n "$segment"; and printf '%s ' "$segment"
        end
        _gatepass_status $code
        _gatepass_own_prompt
    end
end
