#include "vlmshim/core/report/report_form.hpp"

#include "vlmshim/core/report/page.hpp"

namespace vlmshim {

ReportForm report_form_of(std::string_view path) {
    return path.ends_with(".html") || path.ends_with(".htm") ? ReportForm::Page : ReportForm::Json;
}

std::string report_text(const RunReport& report, ReportForm form) {
    switch (form) {
        case ReportForm::Json:
            break;
        case ReportForm::Page:
            return to_page(report);
    }
    return to_json(report);
}

}  // namespace vlmshim
